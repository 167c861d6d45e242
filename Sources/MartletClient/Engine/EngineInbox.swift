import Synchronization

/// What other threads have for the engine's thread, in order.
final class EngineInbox: Sendable {
    enum Command: Sendable {
        case start(EngineOrder)
        case cancel(UInt64)
    }

    private struct State {
        var commands: [Command] = []
        var isClosed = false
        /// Nil once the thread is about to release it.
        var wake: MultiHandle.Wakeup?
    }

    private let state: Mutex<State>

    init(_ wake: MultiHandle.Wakeup) {
        state = Mutex(State(wake: wake))
    }

    /// Hands an order over; after ``close()`` it fails at once.
    func submit(_ order: EngineOrder) {
        guard !add(.start(order)) else { return }
        order.finish(.failure(.closed(mayHaveTakenEffect: false)))
    }

    func cancel(_ id: UInt64) {
        _ = add(.cancel(id))
    }

    /// Nothing is taken any more, and the thread ends.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.wake?()
        }
    }

    /// For the engine's thread: all commands since the last call, and whether it is to end.
    func take() -> (commands: [Command], isClosed: Bool) {
        state.withLock { state in
            let commands = state.commands
            state.commands.removeAll(keepingCapacity: commands.count <= 1024)
            return (commands, state.isClosed)
        }
    }

    /// For the engine's thread: closes, and gives up the handle. Commands that came meanwhile are still there to be taken.
    func detach() {
        state.withLock { state in
            state.isClosed = true
            state.wake = nil
        }
    }

    private func add(_ command: Command) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.commands.append(command)
            // Inside the lock, so that the handle isn't released under it. It writes one event and doesn't wait.
            state.wake?()
            return true
        }
    }
}
