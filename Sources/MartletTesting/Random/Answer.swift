import MartletKernel
import MartletModel

/// What a storage answered to a step.
enum Answer: Equatable, Sendable {
    case rows(RowBatch)
    case committed([RowBatch])
    case refused(Refusal)
    case failed(String)
}
