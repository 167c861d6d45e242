import MartletKernel
import Synchronization

/// Opens connections, each on a thread that may wait: the names of hosts are looked up, and servers are tried one after the
/// other.
final class Connector {
    /// Who waits for a connection.
    private final class Waiter: Sendable {
        typealias Answer = Result<BlockingConnection, PostgresError>

        private let continuation: Mutex<CheckedContinuation<Answer, Never>?>

        init(_ continuation: CheckedContinuation<Answer, Never>) {
            self.continuation = Mutex(continuation)
        }

        /// What comes after the first answer is dropped, and a connection with it.
        func resume(_ answer: sending Answer) {
            let continuation = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            continuation?.resume(returning: answer)
        }
    }

    private let address: ConnectionAddress
    private let session: SessionSettings
    /// How many statements a connection has prepared at a time.
    private let ids: Int
    private let thread: EventThread
    private let abandoned: AbandonedBackends
    private var waiters: [ObjectIdentifier: Waiter] = [:]
    private var isClosed = false

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

    func open(for purpose: Purpose) async throws(PostgresError) -> Connection {
        guard !isClosed else { throw Self.closed }
        var id: ObjectIdentifier?
        let opened: Waiter.Answer = await withCheckedContinuation { continuation in
            let waiter = Waiter(continuation)
            id = ObjectIdentifier(waiter)
            waiters[ObjectIdentifier(waiter)] = waiter
            let isStarted = SystemThread.start("postgres-wait") { [address, session] in
                waiter.resume(
                    Result { () throws(PostgresError) in try BlockingConnection(address, for: purpose, session) })
            }
            if !isStarted { waiter.resume(.failure(.system("the system has no thread left for the database"))) }
        }
        if let id { waiters[id] = nil }
        return try Connection(try opened.get(), ids: ids, on: thread, abandoned)
    }

    /// Waits for no connection any more, and opens none.
    func close() {
        isClosed = true
        for waiter in waiters.values { waiter.resume(.failure(Self.closed)) }
    }

    private static let closed = PostgresError.lost("the database is closed")
}
