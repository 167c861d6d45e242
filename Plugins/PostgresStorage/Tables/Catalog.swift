import MartletModel
import MartletSQL

/// Every table, found by its schema, and every statement that the storage sends.
final class Catalog: Sendable {
    let tables: [Table]
    let commands: Commands
    let statements: [Statement]
    /// The schema of the database that holds the tables.
    let namespace: String?
    /// By identity: a request carries the very schema that ``PostgresDatabase/prepare(_:)`` was given. ``tables`` keeps
    /// these alive, so no other schema can come to have one's identity.
    private let byIdentity: [ObjectIdentifier: Table]

    init(_ schemas: [ResourceSchema], in namespace: String? = nil) {
        var list = StatementList()
        self.namespace = namespace
        commands = Commands(&list, in: namespace)
        let graph = ReferenceGraph(schemas, .postgres, in: namespace)
        tables = graph.tables.map { Table($0, graph, &list) }
        statements = list.statements
        byIdentity = Dictionary(tables.map { (ObjectIdentifier($0.schema), $0) }) { first, _ in first }
    }

    /// Rows of a table, a column of it, and whether that can be null.
    var presentColumns: Statement {
        let names = (tables.map(\.schema.table) + ServerTables.served).map(SQLDialect.postgres.literal).joined(
            separator: ", ")
        let schema = namespace.map(SQLDialect.postgres.literal) ?? "current_schema()"
        return Statement(
            id: Statement.unprepared,
            sql: """
                SELECT t.relname::text, a.attname::text, NOT a.attnotnull FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
                WHERE t.relname = ANY (ARRAY[\(names)]::text[]) AND t.relnamespace = to_regnamespace(quote_ident(\(schema)))
                AND a.attnum > 0 AND NOT a.attisdropped
                """, types: [])
    }
    static let presentColumnsTags: [Cell.Tag] = [.string, .string, .boolean]

    func table(of schema: ResourceSchema) -> Table? {
        byIdentity[ObjectIdentifier(schema)]
    }
}

/// Numbers statements.
struct StatementList {
    private(set) var statements: [Statement] = []

    mutating func add(_ sql: String, _ types: [Int32] = []) -> Statement {
        let statement = Statement(id: statements.count, sql: sql, types: types)
        statements.append(statement)
        return statement
    }
}

/// The statements that belong to no resource.
struct Commands: Sendable {
    let begin, commit, rollback: Statement
    let savepoint, release, rollbackToSavepoint: Statement
    /// When references are checked: at the end of the transaction, or again at the end of each statement.
    let deferChecks, checkNow: Statement
    /// Leaves a version and the time where ``SetNullTrigger`` finds them. Parameters: the time of the transaction.
    let announceChange: Statement
    /// Keeps others from doing the same: scope, fingerprint, time. A unique violation if it was done.
    let claim: Statement
    /// Drops a claim that is too old: scope, and the time up to which it is.
    let dropOldClaim: Statement
    /// Drops one of a transaction that wasn't done: scope.
    let dropClaim: Statement
    /// What became of the transaction: scope, result.
    let keepResult: Statement
    /// What became of it before: scope, the time behind which it has to be.
    let knownResult: Statement
    static let knownResultTags: [Cell.Tag] = [.integer, .timestamp, .bytes]
    /// Drops entries: the time up to which they are too old, the one after which the clock was ahead, and how many.
    let purge: Statement
    static let purgeTags: [Cell.Tag] = [.integer]

    /// Lets what follows in the transaction wait for locks until the server has looked for deadlocks, and half a second longer.
    let waitForDeadlocks: Statement
    /// Of all that follows in the transaction. Parameters: milliseconds, as a text.
    let limitTime: Statement
    /// How many rows of a table, and entries of its indexes, this session has read, as far as nobody has collected that yet.
    /// Parameters: the table's name.
    let rowsLookedAt: Statement

    /// The columns of a constraint or an index. Parameters: the names of its schema and its table, and its own.
    let constrainedColumns: Statement
    static let constrainedColumnsTags: [Cell.Tag] = [.string]
    /// What may silently keep a row from being inserted, updated or deleted; null if nothing does. Parameters: the table, the name
    /// of its own trigger, the bits of `tgtype` for what is done (4, 16, 8), and the name of the table.
    let suppressors: Statement
    static let suppressorsTags: [Cell.Tag] = [.string]
    /// Fails where there is any. Parameters: the first three.
    let failIfSuppressed: Statement
    /// The checks of a table: name, condition and column, a row for each column. Parameters: the names of its schema and its own.
    let checks: Statement
    static let checksTags: [Cell.Tag] = [.string, .string, .string]
    /// The columns of a table that are in indexes. Parameters: the table's name.
    let indexedColumns: Statement
    /// Ends a process of the server, and tells what that waited for. Parameters: ``Backend``'s.
    let terminate: Statement
    static let terminateTags: [Cell.Tag] = [.string, .boolean]

    /// Writes to the write-ahead log and nowhere else, so that its commit waits for what every commit waits for.
    let emitMessage: Statement

    /// As the server calls it too.
    static let commitText = "COMMIT"

    /// After it are entries of a time when the clock was ahead, by the time up to which they are too old.
    private static func latest(_ oldest: String) -> String { "\(oldest) + interval '48 hours'" }

    // long because it is a list
    init(_ list: inout StatementList, in namespace: String?) {
        begin = list.add("BEGIN")
        commit = list.add(Self.commitText)
        rollback = list.add("ROLLBACK")
        savepoint = list.add("SAVEPOINT one")
        release = list.add("RELEASE one")
        rollbackToSavepoint = list.add("ROLLBACK TO one")
        deferChecks = list.add("SET CONSTRAINTS ALL DEFERRED")
        checkNow = list.add("SET CONSTRAINTS ALL IMMEDIATE")
        let versions = SQLDialect.postgres.literal(ServerTables.qualified(ServerTables.versions, in: namespace))
        announceChange = list.add(
            "SELECT set_config('martlet.time', $1::text, true), "
                + "set_config('martlet.version', nextval(\(versions))::text, true)",
            [ObjectID.timestamptz])
        let name = ServerTables.qualified(ServerTables.idempotency, in: namespace)
        claim = list.add(
            "INSERT INTO \(name) (scope, fingerprint, time, result) VALUES (sha256($1), $2, $3, '')",
            [ObjectID.bytea, ObjectID.bigint, ObjectID.timestamptz])
        dropOldClaim = list.add(
            "DELETE FROM \(name) WHERE scope = sha256($1) AND (time <= $2 OR time > \(Self.latest("$2")))",
            [ObjectID.bytea, ObjectID.timestamptz])
        dropClaim = list.add("DELETE FROM \(name) WHERE scope = sha256($1)", [ObjectID.bytea])
        keepResult = list.add(
            "UPDATE \(name) SET result = $2 WHERE scope = sha256($1)", [ObjectID.bytea, ObjectID.bytea])
        knownResult = list.add(
            "SELECT fingerprint, time, result FROM \(name) WHERE scope = sha256($1) AND time > $2 "
                + "AND time <= \(Self.latest("$2"))",
            [ObjectID.bytea, ObjectID.timestamptz])
        purge = list.add(
            "WITH purged AS (DELETE FROM \(name) WHERE scope IN (SELECT scope FROM \(name) WHERE time <= $1 "
                + "OR time > $2 ORDER BY time LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING 1) SELECT count(*) FROM purged",
            [ObjectID.timestamptz, ObjectID.timestamptz, ObjectID.bigint])
        limitTime = list.add("SELECT set_config('statement_timeout', $1, true)", [ObjectID.text])
        waitForDeadlocks = list.add(Self.waitForDeadlocksText)
        rowsLookedAt = list.add(Self.rowsLookedAtText, [ObjectID.text])
        constrainedColumns = list.add(Self.constrainedColumnsText, [ObjectID.text, ObjectID.text, ObjectID.text])
        suppressors = list.add(
            "SELECT min('the ' || kind || ' ' || name || ' of the table ' || $4) FROM (\(Self.suppressorsText)) AS found",
            [ObjectID.text, ObjectID.text, ObjectID.bigint, ObjectID.text])
        // A division by zero is an error without a function of one's own.
        failIfSuppressed = list.add(
            "SELECT 1 / (NOT EXISTS (\(Self.suppressorsText)))::int",
            [ObjectID.text, ObjectID.text, ObjectID.bigint])
        checks = list.add(Self.checksText, [ObjectID.text, ObjectID.text])
        indexedColumns = list.add(Self.indexedColumnsText, [ObjectID.text])
        emitMessage = list.add("SELECT pg_logical_emit_message(true, 'martlet', '')")
        terminate = list.add(
            "SELECT coalesce(wait_event_type || ': ' || wait_event, state, ''), pg_terminate_backend(pid) "
                + "FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2::timestamptz",
            [ObjectID.bigint, ObjectID.text])
    }

    /// `lock_timeout` comes first otherwise, and for both of two that wait for each other.
    private static let waitForDeadlocksText =
        """
        SELECT set_config('lock_timeout', least(
        (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::bigint + 500,
        (extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::bigint)::text, true)
        """

    private static let checksText =
        """
        SELECT c.conname::text, pg_get_expr(c.conbin, c.conrelid), a.attname::text FROM pg_class AS t
        JOIN pg_constraint AS c ON c.conrelid = t.oid
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY (c.conkey)
        WHERE t.relname = $2 AND t.relnamespace = to_regnamespace(quote_ident($1)) AND c.contype = 'c'
        """

    private static let indexedColumnsText =
        """
        SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND EXISTS (
        SELECT FROM pg_index AS i JOIN pg_depend AS d ON d.objid = i.indexrelid AND d.classid = 'pg_class'::regclass
        WHERE i.indrelid = a.attrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
        AND d.refobjsubid = a.attnum)
        """

    private static let rowsLookedAtText =
        """
        SELECT sum(pg_stat_get_xact_tuples_returned(id))::bigint FROM (SELECT $1::regclass::oid
        UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid = $1::regclass) AS relation(id)
        """

    /// Triggers for each row (1) before the change (2): <https://www.postgresql.org/docs/current/catalog-pg-trigger.html>. Rules
    /// that do something else.
    private static let suppressorsText =
        """
        SELECT 'trigger' AS kind, tgname::text AS name FROM pg_trigger
        WHERE tgrelid = to_regclass($1) AND NOT tgisinternal AND tgname <> $2
        AND tgenabled IN ('O', 'A') AND tgtype & 3 = 3 AND tgtype & $3 <> 0
        UNION ALL SELECT 'rule', rulename::text FROM pg_rewrite
        WHERE ev_class = to_regclass($1) AND is_instead AND ev_enabled IN ('O', 'A')
        AND CASE ev_type WHEN '2' THEN 16 WHEN '3' THEN 4 WHEN '4' THEN 8 ELSE 0 END & $3 <> 0
        """

    private static let constrainedColumnsText =
        """
        SELECT a.attname::text FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid
        WHERE t.relname = $2 AND t.relnamespace = to_regnamespace(quote_ident($1)) AND a.attnum > 0 AND (
        EXISTS (SELECT FROM pg_constraint WHERE conrelid = t.oid AND conname = $3 AND a.attnum = ANY (conkey))
        OR EXISTS (SELECT FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum
        WHERE c.relname = $3 AND c.relnamespace = t.relnamespace))
        """
}
