import Synchronization

/// The wish that a server ends: made once, seen by all who look and by the one who waits.
final class Drain: Sendable {
    private let requested = Atomic(false)
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var isRequested: Bool { requested.load(ordering: .acquiring) }

    func request() {
        requested.store(true, ordering: .releasing)
        continuation.finish()
    }

    /// Returns once it was requested, or the task is cancelled. For one task alone.
    func wait() async {
        for await _ in stream {}
    }
}
