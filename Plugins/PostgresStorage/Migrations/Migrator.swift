import Logging
import MartletKernel
import MartletModel
import MartletSQL

/// Brings a database in line with its resources, in one transaction: whoever is killed in it leaves the old one. Of several
/// servers that start at once one does it; the others wait, and find it done.
struct Migrator {
    let definitions: Definitions
    let connection: BlockingConnection
    let time: Timestamp
    let logger: Logger
    /// A server starts. It changes nothing of what a server with later resources has made.
    var isStart = false
    /// A start waits for others no longer than that; a migration that was asked for makes five attempts.
    var timeout = Duration.seconds(5)

    static func opening(in schema: String) -> [String] {
        [
            "BEGIN", BlockingConnection.searchPath(schema).replacing("SET ", with: "SET LOCAL ", maxReplacements: 1),
            "SET LOCAL lock_timeout = '2s'", "SELECT pg_advisory_xact_lock(\(lock(of: schema)))",
        ]
    }
    static let closing = ["NOTIFY \(channel)", "COMMIT"]

    /// On it servers that run hear of a migration.
    static let channel = "martlet_migrations"

    /// Of Martlet's migrations alone. Each schema of a database has its own.
    private static func lock(of schema: String) -> Int64 {
        Int64(bitPattern: FNV1a.hash(of: "martlet migrations of \(schema)"))
    }
    /// While a migration waits for a table, all others wait behind it: so it gives up soon, and comes back later.
    private static let longestLockWait = Duration.seconds(2)
    private static let attempts = 5
    private var lockWait: Duration { isStart ? min(Self.longestLockWait, timeout / 2) : Self.longestLockWait }
    private var lockTimeout: String { "'\(SessionSettings.milliseconds(lockWait))ms'" }
    /// For the migration of another server.
    private static let longPatience = "600s"

    /// What would be done.
    func plan() throws(PostgresError) -> Migration {
        try inTransaction(keepsChanges: false) { () throws(PostgresError) in
            try MigrationPlan(for: definitions, on: connection, at: time, .plan, isStart: false).migration
        }
    }

    /// - Returns: what was done.
    /// - Throws: with nothing done.
    func migrate(_ mode: Migration.Mode) throws(PostgresError) -> Migration {
        let migration = try migrateTables(mode)
        try advanceSequences()
        return migration
    }

    private func migrateTables(_ mode: Migration.Mode) throws(PostgresError) -> Migration {
        let deadline = ContinuousClock.now + timeout
        var attempt = 1
        while true {
            do throws(PostgresError) {
                return try migrateOnce(mode)
            } catch {
                // Who deletes or reads meanwhile may have locked tables in another order.
                guard error.isLockTimeout || error.isConflict else { throw error }
                let isLast = isStart ? .now + .seconds(1) + lockWait > deadline : attempt == Self.attempts
                guard !isLast else {
                    guard error.isLockTimeout else { throw error }
                    throw .refused("the tables can't be changed while others use them\(try holders())", isFinal: false)
                }
                logger.warning("the migration waits for others", metadata: ["reason": "\(error)"])
                _ = try connection.rows("SELECT pg_sleep(1)")
                attempt += 1
            }
        }
    }

    private func migrateOnce(_ mode: Migration.Mode) throws(PostgresError) -> Migration {
        try inTransaction(keepsChanges: true) { () throws(PostgresError) in
            try takeLock()
            let plan = try MigrationPlan(for: definitions, on: connection, at: time, mode, isStart: isStart)
            if let refusal = plan.migration.refusal(in: mode) { throw .refused(refusal) }
            for (name, definition) in ServerTables.definitions where try !connection.has(name) {
                try connection.execute(definition)
            }
            if try VersionSequence.repair(on: connection) {
                logger.warning(
                    "made again: \(ServerTables.versions) was a sequence that ends or begins anew")
            }
            for sql in plan.migration.steps.flatMap(\.sql) { try connection.execute(sql) }
            try record(plan)
            if !plan.migration.steps.isEmpty { try connection.execute("NOTIFY \(Self.channel)") }
            return plan.migration
        }
    }

    /// Each table, index and sequence that is made takes a lock until the commit, and each that is looked at may.
    private func tooManyLocks(_ error: PostgresError) -> PostgresError {
        .refused(
            "the migration of \(definitions.layouts.count) resources takes more locks than PostgreSQL has room for: raise "
                + "max_locks_per_transaction, such as to \(max(256, definitions.layouts.count)), and restart PostgreSQL "
                + "(\(error))")
    }

    private func inTransaction(
        keepsChanges: Bool, _ body: () throws(PostgresError) -> Migration
    ) throws(PostgresError) -> Migration {
        try connection.execute(
            "BEGIN; SET LOCAL lock_timeout = \(lockTimeout); SET LOCAL statement_timeout = 0")
        do throws(PostgresError) {
            let result = try body()
            try connection.execute(keepsChanges ? "COMMIT" : "ROLLBACK")
            return result
        } catch {
            // Where that fails the connection is lost, and with it the transaction.
            _ = Result { () throws(PostgresError) in try connection.execute("ROLLBACK") }
            throw error.isOutOfLocks ? tooManyLocks(error) : error
        }
    }

    private func takeLock() throws(PostgresError) {
        let lock = Self.lock(of: connection.schema)
        let taken = try connection.rows("SELECT pg_try_advisory_xact_lock(\(lock))").first?[0]
        guard taken != "t" else { return }
        logger.info("another server migrates the database, and is waited for")
        do throws(PostgresError) {
            try connection.execute(
                """
                SET LOCAL lock_timeout = '\(Self.longPatience)'; SELECT pg_advisory_xact_lock(\(lock));
                SET LOCAL lock_timeout = \(lockTimeout)
                """)
        } catch {
            guard error.isLockTimeout else { throw error }
            throw .refused("another server has been migrating the database for \(Self.longPatience)", isFinal: false)
        }
    }

    /// For records that others have inserted with their keys, or restored without the sequences. Not in the transaction of a
    /// migration, which needn't lock tables for it.
    private func advanceSequences() throws(PostgresError) {
        try connection.execute("SET lock_timeout = \(lockTimeout)")
        // A statement for all of many tables would take the server long to plan.
        for start in stride(from: 0, to: definitions.layouts.count, by: 100) {
            let some = Array(definitions.layouts[start..<min(start + 100, definitions.layouts.count)])
            try advance(some.compactMap(KeySequence.init).map { ($0.id, $0.advance) })
            try advance([("'\(ServerTables.versions)'::regclass", VersionSequence.advance(some))])
        }
    }

    /// - Parameter sequences: the id of each, as SQL, and what brings it forward.
    private func advance(_ sequences: [(id: String, statement: String)]) throws(PostgresError) {
        guard !sequences.isEmpty else { return }
        let ids = sequences.enumerated().map { "(\($0), \($1.id))" }.joined(separator: ", ")
        let rights = try connection.rows(
            "SELECT number, id, \(KeySequence.mayAdvance("id")) FROM (VALUES \(ids)) AS sequence(number, id) WHERE id IS NOT NULL"
        )
        var statements: [String] = []
        for row in rights {
            guard let number = row[0].flatMap({ Int($0) }), let name = row[1] else { continue }
            if row[2] == "t" {
                statements.append(sequences[number].statement)
            } else {
                logger.warning(
                    "the role may not set a sequence that restored records may have overtaken: grant it all on that sequence",
                    metadata: ["sequence": "\(name)"])
            }
        }
        guard !statements.isEmpty else { return }
        do throws(PostgresError) {
            // One round trip, and one transaction.
            try connection.execute(statements.joined(separator: ";\n"))
        } catch {
            guard error.isLockTimeout else { throw error }
            for statement in statements { try advanceOrPass(statement) }
        }
    }

    private func advanceOrPass(_ statement: String) throws(PostgresError) {
        do throws(PostgresError) {
            try connection.execute(statement)
        } catch {
            // A write that needs it brings it forward too.
            guard error.isLockTimeout else { throw error }
            logger.warning("a sequence was not looked at", metadata: ["reason": "\(error)"])
        }
    }

    private func record(_ plan: MigrationPlan) throws(PostgresError) {
        guard let desired = plan.desired, plan.migration.kept.isEmpty else { return }
        let shape = try shape(after: plan, desired)
        var recorded = plan.last?.shape ?? DatabaseShape()
        // Tables of resources that are not served now stay as they were recorded.
        recorded.tables.merge(shape.tables) { _, new in new }
        // Also where the same tables fit other definitions: they are known as earlier ones later.
        if let last = plan.last, recorded == last.shape, last.isOfDefinitions { return }
        try MigrationRecord.append(recorded, plan.checksum, plan.migration, at: time, on: connection)
    }

    /// - Throws: when the steps have not led to where they should, which is a bug.
    private func shape(after plan: MigrationPlan, _ desired: DatabaseShape) throws(PostgresError) -> DatabaseShape {
        var shape = try ShapeReader(connection, definitions, in: .schema(connection.schema)).shape
        for name in shape.tables.keys where !plan.remade.contains(name) {
            shape.tables[name]?.isAdopted = plan.actual.tables[name]?.isAdopted == true
        }
        let rest = MigrationPlanner(from: shape, to: desired, definitions.graph, at: time)
        if let failure = rest.failure { throw .bug(failure) }
        return shape
    }

    /// Whose transaction has locked the tables for the longest time. Of another role's a process only shows its number, unless one may
    /// read all (`pg_monitor`).
    private func holders() throws(PostgresError) -> String {
        let tables = definitions.names + ServerTables.definitions.map(\.0)
        let names = tables.map(SQLDialect.postgres.literal).joined(separator: ", ")
        let rows = try connection.rows(
            """
            SELECT activity.pid, activity.application_name, extract(epoch FROM now() - activity.xact_start)::int
            FROM pg_locks AS lock JOIN pg_stat_activity AS activity ON activity.pid = lock.pid
            WHERE lock.granted AND lock.pid <> pg_backend_pid()
            AND lock.relation IN (SELECT to_regclass(quote_ident(name)) FROM unnest(ARRAY[\(names)]::text[]) AS name)
            ORDER BY activity.xact_start LIMIT 1
            """)
        guard let row = rows.first, let process = row[0] else { return "" }
        let name = row[1].map { $0.isEmpty ? "" : " (\($0))" } ?? ""
        return ": the process \(process)\(name) has locked them"
            + (row[2].map { ", in a transaction of \($0) s" } ?? "")
    }
}
