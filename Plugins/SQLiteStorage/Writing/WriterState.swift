import MartletKernel
import Synchronization

/// What the writer's thread tells others.
final class WriterState: Sendable {
    private struct State {
        var health = Health.ready
        /// There is no thread, or none any more.
        var isFinished = true
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var health: Health {
        get { state.withLock { $0.health } }
        set { state.withLock { $0.health = newValue } }
    }

    /// The thread is about to start.
    func begin() {
        state.withLock { $0.isFinished = false }
    }

    /// The thread has ended.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns once ``finish()`` was called.
    func finished() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.waiters.append(continuation) }
                return state.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }
}
