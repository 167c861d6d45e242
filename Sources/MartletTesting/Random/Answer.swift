import MartletKernel
import MartletModel

/// What a storage answered to a step.
enum Answer: Equatable, Sendable {
    case rows(RowBatch)
    case result(CommitResult)
    case unknown
    case failed(String)
}
