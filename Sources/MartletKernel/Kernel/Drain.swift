import Synchronization

/// The wish that a server ends: made once, seen by all who look and by the one who waits.
final class Drain: Sendable {
    private let requested = Atomic(false)
    private let start = Mutex<Task<Void, any Error>?>(nil)
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var isRequested: Bool { requested.load(ordering: .acquiring) }

    func request() {
        requested.store(true, ordering: .releasing)
        continuation.finish()
        start.withLock { $0 }?.cancel()
    }

    /// Cancels what it does once it was requested. One at a time.
    func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await body() }
        start.withLock { $0 = task }
        defer { start.withLock { $0 = nil } }
        if isRequested { task.cancel() }
        try await withTaskCancellationHandler(operation: { try await task.value }, onCancel: { task.cancel() })
    }

    /// Returns once it was requested, or the task is cancelled. For one task alone.
    func wait() async {
        for await _ in stream {}
    }
}
