import CPostgres
import Glibc
import MartletSQL

/// A connection that its caller waits for: to open one, and to look after tables. Only for threads that may block. Every
/// wait has a deadline.
final class BlockingConnection {
    private let handle: OpaquePointer
    private let address: ConnectionAddress
    private let session: SessionSettings
    /// It is a ``Connection`` now, which closes it.
    private var isGivenAway = false
    /// The one schema that holds Martlet's tables: the first of the search path, of which the session searches no other.
    private(set) var schema = ""
    /// The server's process at the other end.
    private(set) var backend = Backend(process: 0, start: "")
    /// How often the server has refused another connection while it was asked what it does.
    private var refusedLooks = 0
    private static let maxRefusedLooks = 4
    /// Statements may take longer than a limit, as long as the server works on them.
    var allowsLongStatements = false

    /// - Parameters:
    ///   - purpose: what `pg_stat_activity` shows after `martlet`, unless the connection string names the application.
    ///   - deadline: unless given, by ``ConnectionAddress/limit(_:)``.
    init(
        _ address: ConnectionAddress, for purpose: Purpose, _ session: SessionSettings,
        until deadline: ContinuousClock.Instant? = nil
    ) throws(PostgresError) {
        let deadline = deadline ?? .now + address.limit(session.timeout)
        (self.address, self.session) = (address, session)
        handle = try ConnectionAttempt.connect(
            address.keywords(for: purpose), until: deadline, session.interruption)
        // From here on ``deinit`` closes it, also where this throws.
        guard pq_status(handle) == CONNECTION_OK else {
            throw Self.connectionError(handle, address, for: purpose, until: deadline, session.interruption)
        }
        guard pq_setnonblocking(handle, 1) == 0 else { throw lastError() }
        guard pq_serverVersion(handle) >= 130_000 else {
            throw .bug("the server is PostgreSQL \(parameter("server_version")): 13 or later is needed")
        }
        guard parameter("server_encoding") == "UTF8" else {
            throw .bug("the database's texts are in \(parameter("server_encoding")), not UTF8")
        }
        backend = try Backend(firstStatement(session.sql(for: purpose), until: deadline))
        if let schema = session.schema { self.schema = schema } else { schema = try firstSchema() }
        try execute(Self.searchPath(schema))
        try refuseSettings(for: purpose)
        if purpose == .reads { try execute("LISTEN \(Migrator.channel)") }
    }

    /// Why there is no connection. At a start it matters whether waiting helps, which the server's SQLSTATE says. libpq shows that
    /// of a refused connection in verbose messages alone, which can't be asked for in a call that blocks: so a second attempt
    /// is made.
    private static func connectionError(
        _ handle: OpaquePointer, _ address: ConnectionAddress, for purpose: Purpose,
        until deadline: ContinuousClock.Instant, _ interruption: Interruption?
    ) -> PostgresError {
        let message = PostgresError.text(of: handle)
        guard purpose == .setup else { return .lost(message) }
        // What libpq itself refuses has no SQLSTATE.
        let isFinal =
            pq_connectionNeedsPassword(handle) == 1
            || ["server does not support SSL", "certificate"].contains { message.contains($0) }
        let again = try? ConnectionAttempt.connect(
            address.keywords(for: purpose), until: deadline, interruption, isVerbose: true)
        defer { if let again { pq_finish(again) } }
        return .notConnected(message, state: again.flatMap(PostgresError.state(inVerboseTextOf:)), isFinal: isFinal)
    }

    /// What is set outside of Martlet, and what only an administrator may set otherwise. A server without writes isn't ready, and
    /// says why.
    private func refuseSettings(for purpose: Purpose) throws(PostgresError) {
        let row = try rows(
            "SELECT pg_is_in_recovery(), current_setting('session_replication_role'), current_setting('transaction_read_only')"
        ).first
        if row?[1] == "replica" {
            throw .refused(
                "session_replication_role is replica, for the server, the database, the role or by the connection string: "
                    + "PostgreSQL wouldn't enforce references. Reset it, as in ALTER DATABASE … RESET session_replication_role"
            )
        }
        guard purpose == .setup || purpose == .writes else { return }
        if row?.first == "t" {
            throw .refused(
                "\(description) is a standby, which takes no changes: name the primary, or all servers with "
                    + "target_session_attrs=read-write", isFinal: false)
        }
        guard row?.last != "on" else {
            throw .refused(
                "\(description) is read-only: default_transaction_read_only is on, for the server, the database or the role"
            )
        }
    }

    deinit {
        if !isGivenAway { pq_finish(handle) }
    }

    private func firstStatement(
        _ sql: String, until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> [String?] {
        do throws(PostgresError) {
            let result = try result(until: deadline) { pq_sendQuery(handle, "\(sql); \(Backend.query)") }
            defer { pq_clear(result) }
            try check(result)
            return Self.rows(result).first ?? []
        } catch {
            guard error.isTimeout else { throw error }
            throw .timedOut(
                waitingFor: "PostgreSQL, which has accepted a connection and not answered its first statement. "
                    + "If there is a pooler before it, all of the pooler's connections may be in use")
        }
    }

    /// What isn't qualified is looked for in the system's catalog, which is always searched first, and in this schema. New
    /// tables go there too, and temporary tables hide none of it
    /// (<https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH>).
    static func searchPath(_ schema: String) -> String {
        "SET search_path TO \(quotedIdentifier(schema)), pg_temp"
    }

    /// The schema in which the session would make tables, as the role, the database and the connection string set it.
    private func firstSchema() throws(PostgresError) -> String {
        let rows = try rows(
            """
            SELECT name FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS schema(name, place)
            WHERE name !~ '^pg_' AND name <> 'information_schema' ORDER BY place LIMIT 1
            """)
        if let schema = rows.first?[0] { return schema }
        let path = try self.rows("SHOW search_path").first?[0] ?? ""
        throw .refused(
            "the search path (\(path)) has no schema that exists and that the role may use: create the schema, "
                + "or name another one in the connection string, as in ?options=-csearch_path%3Dpublic")
    }

    /// Gives the connection to whoever goes on with it, without blocking. Nothing may be called afterwards.
    func giveAway() throws(PostgresError) -> OpaquePointer {
        guard pq_enterPipelineMode(handle) == 1 else { throw lastError() }
        isGivenAway = true
        return handle
    }

    /// Where it has come to: never with a password.
    var description: String {
        let place = [pq_host(handle), pq_port(handle)].compactMap { $0.map { String(cString: $0) } }
        let database = pq_db(handle).map { String(cString: $0) } ?? ""
        let user = pq_user(handle).map { String(cString: $0) } ?? ""
        return "\(database) on \(place.joined(separator: ":")) as \(user), schema \(schema)"
    }

    /// What the server says of itself.
    func parameter(_ name: String) -> String {
        pq_parameterStatus(handle, name).map { String(cString: $0) } ?? ""
    }

    /// One or several statements.
    func execute(_ sql: String) throws(PostgresError) {
        let result = try result(of: sql) { pq_sendQuery(handle, sql) }
        defer { pq_clear(result) }
        try check(result)
    }

    /// The rows of one statement, as texts; null is nil.
    /// - Parameter parameters: as texts, for `$1` and so on.
    func rows(_ sql: String, _ parameters: [String] = []) throws(PostgresError) -> [[String?]] {
        let texts = parameters.map { strdup($0) }
        defer { for text in texts { free(text) } }
        let result = try result(of: sql) {
            pq_sendQueryParams(
                handle, sql, Int32(texts.count), nil, texts.map { UnsafePointer($0) }, nil, nil, 0)
        }
        defer { pq_clear(result) }
        try check(result)
        return Self.rows(result)
    }

    private static func rows(_ result: OpaquePointer) -> [[String?]] {
        (0..<pq_ntuples(result)).map { row in
            (0..<pq_nfields(result)).map { column in
                pq_getisnull(result, row, column) == 1 ? nil : String(cString: pq_getvalue(result, row, column))
            }
        }
    }

    private func check(_ result: OpaquePointer) throws(PostgresError) {
        switch pq_resultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return
        case PGRES_TUPLES_OK:
            let rows = ResultRows(result: result)
            guard let count = rows.statedCount, count != rows.count else { return }
            throw .lost("rows are missing in PostgreSQL's answer")
        default: throw pq_status(handle) == CONNECTION_OK ? PostgresError(result) : lastError()
        }
    }

    private func lastError() -> PostgresError {
        .lost(PostgresError.text(of: handle))
    }
}

// MARK: - Waiting

extension BlockingConnection {
    /// Sends, and waits for the last result. Nothing may be done with the connection after a time-out.
    private func result(of sql: String, _ send: () -> Int32) throws(PostgresError) -> OpaquePointer {
        do throws(PostgresError) {
            return try result(until: .now + address.limit(session.timeout), send)
        } catch {
            guard error.isTimeout else { throw error }
            throw .timedOut(waitingFor: "PostgreSQL's answer to \(sql.prefix(100))")
        }
    }

    private func result(
        until deadline: ContinuousClock.Instant, _ send: () -> Int32
    ) throws(PostgresError) -> OpaquePointer {
        guard send() == 1 else { throw lastError() }
        var last: OpaquePointer?
        do throws(PostgresError) {
            while true {
                try waitForResult(until: deadline)
                guard let next = pq_getResult(handle) else { break }
                if let last { pq_clear(last) }
                last = next
            }
        } catch {
            if let last { pq_clear(last) }
            throw error
        }
        guard let last else { throw lastError() }
        return last
    }

    /// Returns when libpq has a result without blocking.
    private func waitForResult(until deadline: ContinuousClock.Instant) throws(PostgresError) {
        var deadline = deadline
        while true {
            let unsent = pq_flush(handle)
            guard unsent >= 0 else { throw lastError() }
            guard pq_isBusy(handle) == 1 else { return }
            let events = POLLIN | (unsent == 1 ? POLLOUT : 0)
            if Deadline.wait(for: pq_socket(handle), Int16(events), until: deadline, session.interruption) {
                // What came before an error is still there to be had.
                if pq_consumeInput(handle) == 0, pq_isBusy(handle) == 1 { throw lastError() }
            } else if allowsLongStatements, try waitsForServer() {
                deadline = .now + address.limit(session.timeout)
            } else {
                throw .timedOut(waitingFor: "PostgreSQL")
            }
        }
    }

    /// Whether the server works on this connection's statement, by its own word on another connection.
    /// - Throws: when it waits for what may never come: a synchronous standby, for its own commit or for that of another, whose
    ///   locks it needs.
    private func waitsForServer() throws(PostgresError) -> Bool {
        // Connecting, and so the whole, takes less than a limit: a start fails within two.
        let limit = address.limit(session.timeout)
        let found: [[String?]]
        do throws(PostgresError) {
            let other = try BlockingConnection(address, for: .setup, session, until: .now + limit * 3 / 4)
            found = try other.rows(
                """
                SELECT CASE WHEN wait_event = 'SyncRep' THEN pid ELSE (
                    SELECT min(other.pid) FROM pg_stat_activity AS other
                    WHERE other.pid = ANY (pg_blocking_pids(activity.pid)) AND other.wait_event = 'SyncRep') END,
                    current_setting('synchronous_standby_names')
                FROM pg_stat_activity AS activity
                WHERE pid = $1 AND backend_start = $2::timestamptz AND state = 'active'
                """, ["\(backend.process)", backend.start])
            // It would keep its locks, and the next start waiting.
            if found.first?.first == "\(backend.process)" {
                _ = try other.rows("SELECT pg_terminate_backend($1::int)", ["\(backend.process)"])
            }
        } catch {
            // Refused is not silent: a migration of many tables may have left no room for another connection. If the server were
            // gone, this connection would have ended.
            refusedLooks += 1
            return !error.isTimeout && refusedLooks <= Self.maxRefusedLooks
        }
        guard let row = found.first else { return false }
        if let process = row[0] { throw .unconfirmed(process, isOwn: process == "\(backend.process)", row[1] ?? "") }
        return true
    }
}

/// A process of the server, which has one connection. Numbers of processes are used again, with another start.
struct Backend: Sendable, Equatable {
    let process: Int64
    let start: String

    /// On its own connection.
    static let query = "SELECT pid, backend_start FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid())"
}

extension Backend {
    /// - Parameter row: of ``query``.
    fileprivate init(_ row: [String?]) throws(PostgresError) {
        guard row.count == 2, let process = row[0].flatMap({ Int64($0) }), let start = row[1] else {
            throw .bug("PostgreSQL does not show its own process")
        }
        self.init(process: process, start: start)
    }
}

extension PostgresError {
    /// - Parameter process: that waits for a standby.
    fileprivate static func unconfirmed(_ process: String, isOwn: Bool, _ names: String) -> PostgresError {
        let what =
            isOwn
            ? "the changes are on PostgreSQL's own disk, and no synchronous standby has confirmed them in time"
            : "the process \(process) has locked what is needed, and waits for a synchronous standby to confirm its changes"
        return .refused(
            "\(what) (synchronous_standby_names is \(names)): start the standby, or change that setting", isFinal: false
        )
    }

    /// The SQLSTATE in libpq's verbose message, `FATAL:  28P01: …`: of several servers that of the last one, after which libpq
    /// gave up.
    static func state(inVerboseTextOf handle: OpaquePointer) -> String? {
        text(of: handle).split(separator: ":  ").dropFirst().compactMap { part in
            let state = part.prefix(5)
            let isState = state.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 }
            return isState && part.dropFirst(5).hasPrefix(": ") ? String(state) : nil
        }.last
    }

    /// What libpq says of a connection, on one line. It never quotes a password.
    static func text(of handle: OpaquePointer) -> String {
        let text = pq_errorMessage(handle).map { String(cString: $0) } ?? ""
        let lines = text.split(whereSeparator: \.isNewline).map { $0.drop { $0.isWhitespace } }
        return lines.joined(separator: "; ")
    }
}

/// What a connection is for.
enum Purpose: String {
    case setup, reads, writes, others, scans
}
