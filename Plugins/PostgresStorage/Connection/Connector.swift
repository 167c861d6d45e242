import MartletKernel
import Synchronization

/// Opens connections, each on a thread that may wait: the names of hosts are looked up, and servers are tried one after the
/// other.
final class Connector: Sendable {
    /// Who waits for a connection.
    private final class Waiter: Sendable {
        typealias Answer = Result<BlockingConnection, PostgresError>

        private let continuation: Mutex<CheckedContinuation<Answer, Never>?>

        init(_ continuation: CheckedContinuation<Answer, Never>) {
            self.continuation = Mutex(continuation)
        }

        /// What comes after the first answer is dropped, and a connection with it.
        func resume(_ answer: Answer) {
            let continuation = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            continuation?.resume(returning: answer)
        }
    }

    private struct State {
        var waiters: [ObjectIdentifier: Waiter] = [:]
        var isClosed = false
    }

    private let address: ConnectionAddress
    private let session: SessionSettings
    /// How many statements a connection has prepared at a time.
    private let ids: Int
    private let thread: EventThread
    private let abandoned: AbandonedBackends
    private let state = Mutex(State())

    init(
        _ address: ConnectionAddress, _ session: SessionSettings, ids: Int, _ thread: EventThread,
        _ abandoned: AbandonedBackends
    ) {
        self.address = address
        self.session = session
        self.ids = ids
        self.thread = thread
        self.abandoned = abandoned
    }

    /// How long ``open(for:)`` takes at most.
    var limit: Duration { address.limit(session.timeout) }

    /// Called on the event thread.
    func open(for purpose: Purpose) async throws(PostgresError) -> Connection {
        let opened: Waiter.Answer = await withCheckedContinuation { continuation in
            let waiter = Waiter(continuation)
            let isOpen = state.withLock { state in
                if !state.isClosed { state.waiters[ObjectIdentifier(waiter)] = waiter }
                return !state.isClosed
            }
            guard isOpen else { return waiter.resume(.failure(.lost("the database is closed"))) }
            let isStarted = SystemThread.start("postgres-wait") { self.open(for: purpose, waiter) }
            if !isStarted { finish(waiter, .failure(.system("the system has no thread left for the database"))) }
        }
        return try Connection(try opened.get(), ids: ids, on: thread, abandoned)
    }

    private func open(for purpose: Purpose, _ waiter: Waiter) {
        finish(
            waiter,
            Result { () throws(PostgresError) in try BlockingConnection(address, for: purpose, session) })
    }

    private func finish(_ waiter: Waiter, _ answer: Waiter.Answer) {
        state.withLock { _ = $0.waiters.removeValue(forKey: ObjectIdentifier(waiter)) }
        waiter.resume(answer)
    }

    /// Waits for no connection any more, and opens none.
    func close() {
        let waiters = state.withLock { state in
            state.isClosed = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(.failure(.lost("the database is closed"))) }
    }
}
