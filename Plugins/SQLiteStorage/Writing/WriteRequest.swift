import MartletKernel

/// A transaction on its way to the writer's thread, and who waits for it.
struct WriteRequest: Sendable {
    typealias Answer = Result<CommitResult, StorageError>

    let transaction: Transaction
    let continuation: CheckedContinuation<Answer, Never>
}
