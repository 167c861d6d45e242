import MartletKernel
import Synchronization

/// The server that runs, which is another one after each restart. It can be told to end at any time of that.
final class RunningServer: Sendable {
    private struct State {
        var current: LoadedServer
        var isEnding = false
    }

    private let state: Mutex<State>

    init(_ first: LoadedServer) {
        state = Mutex(State(current: first))
    }

    var current: LoadedServer { state.withLock { $0.current } }
    var isEnding: Bool { state.withLock { $0.isEnding } }

    /// Makes a server the one that is told to end.
    /// - Returns: whether it may start: not after ``end()``.
    func replace(with next: LoadedServer) -> Bool {
        state.withLock { state in
            guard !state.isEnding else { return false }
            state.current = next
            return true
        }
    }

    /// Lets the current server drain and stop, or not even start, and no other one come after it. Returns at once.
    func end() {
        state.withLock { state in
            state.isEnding = true
            state.current.kernel.shutDown()
        }
    }
}
