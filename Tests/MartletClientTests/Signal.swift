/// Lets a task wait for what happens on another thread, however often it happens.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func fire() {
        continuation.yield()
    }

    /// Returns once for each ``fire()``, the ones before it included.
    func wait() async {
        for await _ in stream { return }
    }
}
