import Synchronization

/// When a read on a thread that may wait is over: at its deadline, or once it is cancelled. SQLite's callbacks get its address.
struct ReadDeadline {
    var end = ContinuousClock.now
    let cancellation: ReadCancellation

    var hasPassed: Bool { cancellation.isCancelled || .now >= end }
}

/// Ends all reads of a pool.
final class ReadCancellation: Sendable {
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .relaxed) }

    func cancel() { flag.store(true, ordering: .relaxed) }
}
