import MartletKernel

/// A transaction on its way, and who waits for it.
///
/// `@unchecked Sendable`: it is made on its caller's thread and handed to the ``EventThread``, which alone uses it then.
final class WriteRequest: @unchecked Sendable {
    typealias Answer = Result<CommitResult, StorageError>

    let transaction: Transaction
    let deadline: ContinuousClock.Instant
    let waiter: Abandonment
    private var continuation: CheckedContinuation<Answer, Never>?
    /// How often it was in a batch whose connection was lost.
    var losses = 0

    init(
        _ transaction: Transaction, until deadline: ContinuousClock.Instant, for waiter: Abandonment,
        _ continuation: CheckedContinuation<Answer, Never>
    ) {
        self.transaction = transaction
        self.deadline = deadline
        self.waiter = waiter
        self.continuation = continuation
    }

    var isAnswered: Bool { continuation == nil }

    /// Called once.
    func answer(_ answer: Answer) {
        continuation?.resume(returning: answer)
        continuation = nil
    }
}
