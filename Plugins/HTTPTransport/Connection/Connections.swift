import Synchronization

/// The open connections, and those that were cut while their request is still being worked on.
final class Connections: Sendable {
    fileprivate struct State {
        var open: [ObjectIdentifier: HTTPConnection] = [:]
        var isDraining = false
        var ordinary = Int.max
        /// Those beyond ``ordinary`` that may be closed for the next one: first the answered ones, then the longest idle.
        var replaceable: [HTTPConnection] = []
        var waiting: [AsyncStream<Never>.Continuation] = []
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.open.count } }
    var isDraining: Bool { state.withLock { $0.isDraining } }

    /// As many may ask for anything. Those beyond are kept for the server's health.
    var ordinary: Int {
        get { state.withLock { $0.ordinary } }
        set { state.withLock { $0.ordinary = newValue } }
    }

    /// - Returns: Whether it is one of the ordinary connections.
    func add(_ connection: HTTPConnection) -> Bool {
        let (isDraining, isOrdinary) = state.withLock { state in
            state.open[ObjectIdentifier(connection)] = connection
            let isOrdinary = state.open.count <= state.ordinary
            if !isOrdinary { state.replaceable.append(connection) }
            return (state.isDraining, isOrdinary)
        }
        if isDraining { connection.drain() }
        return isOrdinary
    }

    func remove(_ connection: HTTPConnection) {
        let waiting = state.withLock { state in
            state.open[ObjectIdentifier(connection)] = nil
            state.replaceable.removeAll { $0 === connection }
            return state.open.isEmpty ? state.takeWaiting() : []
        }
        for waiter in waiting { waiter.finish() }
    }

    /// - Parameter isReplaceable: nothing is at work for it, which isn't an ordinary connection.
    func setReplaceable(_ connection: HTTPConnection, _ isReplaceable: Bool) {
        state.withLock { state in
            state.replaceable.removeAll { $0 === connection }
            if isReplaceable { state.replaceable.insert(connection, at: 0) }
        }
    }

    /// Closes one of the connections beyond the ordinary ones, so that the next one is heard. The newest isn't: its request may be
    /// on its way.
    func makeRoom() {
        state.withLock { $0.replaceable.count > 1 ? $0.replaceable.removeFirst() : nil }?.makeRoom()
    }

    /// Lets requests that are being served finish, and closes everything else.
    func drain() {
        let open = state.withLock { state in
            state.isDraining = true
            return Array(state.open.values)
        }
        for connection in open { connection.drain() }
    }

    /// Cuts all connections. What they had asked for is still worked on.
    func closeAll() {
        for connection in state.withLock({ Array($0.open.values) }) { connection.cut() }
    }

    /// Returns once there are none left, or the task is cancelled.
    /// - Returns: Whether there are none left.
    func untilEmpty() async -> Bool {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let isEmpty = state.withLock { state in
            if !state.open.isEmpty { state.waiting.append(continuation) }
            return state.open.isEmpty
        }
        if isEmpty { return true }
        for await _ in stream {}
        return state.withLock { $0.open.isEmpty }
    }
}

extension Connections.State {
    fileprivate mutating func takeWaiting() -> [AsyncStream<Never>.Continuation] {
        defer { waiting = [] }
        return waiting
    }
}
