/// Refuses a transaction pooler before PostgreSQL: it gives each transaction another connection, so that prepared statements,
/// settings and the results of one client's statements would be mixed with another's.
enum PoolerCheck {
    static let refusal =
        "there is a transaction pooler before PostgreSQL: statements of one connection are run by several of PostgreSQL's "
        + "processes. \(advice)"
    private static let advice =
        "Point Martlet at PostgreSQL itself, or at a pooler in session mode (PgBouncer: pool_mode = session)"
    /// PostgreSQL has stopped, or a pooler has one connection, which the other one has.
    private static let silence = PostgresError.timedOut(
        waitingFor:
            "PostgreSQL's answer while another connection had a transaction open. If PostgreSQL itself works, there is a "
            + "transaction pooler before it. \(advice)")

    /// Connections that are really PostgreSQL's keep their process, and no other has it. Each reads its process twice: a pooler
    /// that takes its connections in turn shows by that alone.
    /// - Parameter first: an open connection.
    static func run(
        _ first: BlockingConnection, _ address: ConnectionAddress, _ session: SessionSettings
    ) throws(PostgresError) {
        var processes = try [process(of: first), process(of: first)]
        let second = try BlockingConnection(address, for: .setup, session)
        do throws(PostgresError) {
            // It keeps a connection of the pooler's for itself. PostgreSQL itself always takes it; a pooler by statements doesn't.
            do throws(PostgresError) { try second.execute("BEGIN") } catch {
                throw error.isTimeout ? error : .refused(refusal)
            }
            let other = try process(of: second)
            processes += try [process(of: first), process(of: first)]
            try second.execute("ROLLBACK")
            processes.append(try process(of: first))
            guard !processes.contains(other) else { throw .refused(refusal) }
        } catch {
            throw error.isTimeout ? silence : error
        }
        guard Set(processes).count == 1 else { throw .refused(refusal) }
    }

    private static func process(of connection: BlockingConnection) throws(PostgresError) -> String {
        try connection.rows("SELECT pg_catalog.pg_backend_pid()").first?.first.flatMap { $0 } ?? ""
    }
}
