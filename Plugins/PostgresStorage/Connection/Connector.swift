import MartletKernel

/// Opens connections, on threads that may wait: the names of hosts are looked up, and servers are tried one after the
/// other.
final class Connector: Sendable {
    private let address: ConnectionAddress
    private let session: SessionSettings
    /// How many statements a connection has prepared at a time.
    private let ids: Int
    private let thread: EventThread
    private let pool: BlockingPool

    init(_ address: ConnectionAddress, _ session: SessionSettings, ids: Int, _ thread: EventThread) {
        self.address = address
        self.session = session
        self.ids = ids
        self.thread = thread
        pool = BlockingPool("postgres-open", threads: 4, bound: 64)
    }

    /// Called on the event thread.
    func open(for purpose: Purpose) async throws(PostgresError) -> Connection {
        let opened: Result<BlockingConnection, PostgresError>
        do throws(BlockingPool.Rejection) {
            opened = try await pool.run { [address, session] in
                Result { () throws(PostgresError) in try BlockingConnection(address, for: purpose, session) }
            }
        } catch {
            throw .lost("no thread to open a connection")
        }
        return try Connection(try opened.get(), ids: ids, on: thread)
    }

    func close() {
        pool.close()
    }
}
