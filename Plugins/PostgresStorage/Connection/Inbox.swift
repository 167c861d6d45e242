import MartletKernel
import Synchronization

/// Hands requests from any thread to the ``EventThread``, and takes no more of them than its bound while they are not
/// answered.
final class Inbox<Request: Sendable>: Sendable {
    private struct State {
        var requests: [Request] = []
        /// Those that are not answered.
        var count = 0
        var isOpen = true
    }

    private let thread: EventThread
    let bound: Int
    private let state = Mutex(State())

    init(of thread: EventThread, bound: Int) {
        (self.thread, self.bound) = (thread, bound)
    }

    /// - Returns: why it isn't taken, or nil.
    func offer(_ request: Request) -> StorageError? {
        let refusal = state.withLock { state -> StorageError? in
            guard state.isOpen else { return .unavailable("the database is not open") }
            guard state.count < bound else { return .overloaded }
            state.requests.append(request)
            state.count += 1
            return nil
        }
        if refusal == nil { thread.wake() }
        return refusal
    }

    /// What has come since the last time. On the thread.
    func take() -> [Request] {
        thread.assertIsCurrent()
        return state.withLock { state in
            defer { state.requests = [] }
            return state.requests
        }
    }

    func answered(_ count: Int) {
        state.withLock { $0.count -= count }
    }

    /// Takes nothing more.
    func close() {
        state.withLock { $0.isOpen = false }
    }

    /// Something can be taken.
    var hasNew: Bool { state.withLock { !$0.requests.isEmpty } }

    /// Requests that are not answered.
    var count: Int { state.withLock { $0.count } }
}
