import CPostgres
import Glibc

/// A connection that its caller waits for: to open one, and to look after tables. Only for threads that may block.
///
/// `@unchecked Sendable`: it is handed from the thread that opened it to the one that goes on with it.
final class BlockingConnection: @unchecked Sendable {
    private let handle: OpaquePointer
    /// It is a ``Connection`` now, which closes it.
    private var isGivenAway = false
    /// The one schema that holds Martlet's tables: the first of the search path, of which the session searches no other.
    private(set) var schema = ""

    /// - Parameter purpose: what `pg_stat_activity` shows behind `martlet`, unless the connection string names the application.
    init(_ address: ConnectionAddress, for purpose: Purpose, _ session: SessionSettings) throws(PostgresError) {
        let values = address.keywords(for: purpose)
        handle = try Self.connect(values)
        // From here on ``deinit`` closes it, also where this throws.
        guard pq_status(handle) == CONNECTION_OK else { throw lastError() }
        guard pq_serverVersion(handle) >= 130_000 else {
            throw .bug("the server is PostgreSQL \(parameter("server_version")): 13 or later is needed")
        }
        guard parameter("server_encoding") == "UTF8" else {
            throw .bug("the database's texts are in \(parameter("server_encoding")), not UTF8")
        }
        try execute(session.sql(for: purpose))
        if let schema = session.schema { self.schema = schema } else { schema = try firstSchema() }
        try execute(Self.searchPath(schema))
    }

    deinit {
        if !isGivenAway { pq_finish(handle) }
    }

    private static func connect(_ keywords: [(String, String)]) throws(PostgresError) -> OpaquePointer {
        let names = keywords.map { strdup($0.0) }
        let values = keywords.map { strdup($0.1) }
        defer { for text in names + values { free(text) } }
        // Both end with a null.
        let constantNames: [UnsafePointer<CChar>?] = names.map { UnsafePointer($0) } + [nil]
        let constantValues: [UnsafePointer<CChar>?] = values.map { UnsafePointer($0) } + [nil]
        // 1: the keyword dbname may hold a whole connection string.
        guard let handle = pq_connectdbParams(constantNames, constantValues, 1) else {
            throw .system("no memory for a connection")
        }
        return handle
    }

    /// What isn't qualified is looked for in the system's catalog, which is always searched first, and in this schema. New
    /// tables go there too, and temporary tables hide none of it
    /// (<https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH>).
    static func searchPath(_ schema: String) -> String {
        "SET search_path TO \(TableLayout.quote(schema)), pg_temp"
    }

    /// The schema in which the session would make tables, as the role, the database and the connection string set it.
    private func firstSchema() throws(PostgresError) -> String {
        let rows = try rows(
            """
            SELECT name FROM unnest(current_schemas(false)) WITH ORDINALITY AS schema(name, place)
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
        guard pq_setnonblocking(handle, 1) == 0, pq_enterPipelineMode(handle) == 1 else { throw lastError() }
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
        let result = pq_exec(handle, sql)
        defer { pq_clear(result) }
        try check(result)
    }

    /// The rows of one statement, as texts; null is nil.
    /// - Parameter parameters: as texts, for `$1` and so on.
    func rows(_ sql: String, _ parameters: [String] = []) throws(PostgresError) -> [[String?]] {
        let texts = parameters.map { strdup($0) }
        defer { for text in texts { free(text) } }
        let result = pq_execParams(handle, sql, Int32(texts.count), nil, texts.map { UnsafePointer($0) }, nil, nil, 0)
        defer { pq_clear(result) }
        try check(result)
        return (0..<pq_ntuples(result)).map { row in
            (0..<pq_nfields(result)).map { column in
                pq_getisnull(result, row, column) == 1 ? nil : String(cString: pq_getvalue(result, row, column))
            }
        }
    }

    private func check(_ result: OpaquePointer?) throws(PostgresError) {
        guard let result else { throw lastError() }
        switch pq_resultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return
        default: throw pq_status(handle) == CONNECTION_OK ? PostgresError(result) : lastError()
        }
    }

    private func lastError() -> PostgresError {
        .lost(PostgresError.text(of: handle))
    }
}

extension PostgresError {
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
