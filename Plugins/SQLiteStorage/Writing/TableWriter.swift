import Logging
import MartletKernel
import MartletModel
import MartletSQL

/// Does mutations of one table, with statements that it keeps.
final class TableWriter {
    /// What became of a mutation. What the database said beside these is thrown.
    enum Outcome {
        case done(Written)
        case refused(Refusal.Reason)
    }

    let table: TableLayout
    private let catalog: Catalog
    private let connection: Connection
    private let conflicts: ConflictProbes
    private let logger: Logger
    private let setsNull: Bool
    private lazy var mayCascadeDeeply = catalog.graph.mayCascadeDeeply(from: table)
    /// The highest key that was given, of keys that the database makes.
    private var highestKey: Int64
    private var insert: Statement?
    private var select: Statement?
    private var delete: Statement?
    private var announce: Statement?
    /// One for each set of columns that was written together. Clients choose these sets, so their number is bounded.
    private var updates: [(columns: [Int], statement: Statement)] = []
    private static let keptUpdates = 32

    init(_ table: TableLayout, _ catalog: Catalog, on connection: Connection, highestKey: Int64, _ logger: Logger) {
        self.logger = logger
        self.highestKey = highestKey
        self.table = table
        self.catalog = catalog
        self.connection = connection
        conflicts = ConflictProbes(table, catalog, on: connection)
        setsNull = catalog.graph.setsNull(deletingFrom: table)
    }

    /// - Parameter stamp: the version that a change gets, and when it is.
    func apply(
        _ change: Mutation.Change, if precondition: Precondition, _ stamp: Stamp
    ) throws(SQLiteError) -> Outcome {
        do throws(SQLiteError) {
            return switch change {
            case .insert(let row): try insert(row.cells, stamp)
            case .update(let key, let row): try update(key, row.cells, precondition, stamp)
            case .upsert(let key, let row): try upsert(key, row.cells, precondition, stamp)
            case .delete(let key): try delete(key, precondition, stamp)
            }
        } catch {
            guard let reason = error.rejection else { throw error }
            logger.info("the database has refused a change", metadata: ["reason": "\(error)"])
            // With RAISE(ROLLBACK) a trigger has undone the whole transaction.
            guard connection.isInTransaction else { throw error }
            return .refused(.rejected([], reason))
        }
    }

    // MARK: - Changes

    private func insert(_ row: RowBatch, _ stamp: Stamp) throws(SQLiteError) -> Outcome {
        let row = table.filled(row, at: stamp.time)
        let statement = try connection.statement(keptIn: &insert, table.insert)
        try statement.bind(stamp.version, at: Int32(table.insertedColumns.count + 1))
        return try write(row, table.insertedColumns, by: statement, to: nil) { record throws(SQLiteError) in
            guard !record.isEmpty else { throw .ignored("an insert into", table) }
            return .done(Written(try withNewKey(record), isNew: true))
        }
    }

    /// No key is given twice, also where another program has lowered what SQLite keeps of the keys that were given
    /// (<https://www.sqlite.org/autoinc.html>, 3).
    private func withNewKey(_ record: RowBatch) throws(SQLiteError) -> RowBatch {
        guard table.generatesKeys, let key = record[0, table.schema.keyIndex].integer else { return record }
        guard key <= highestKey, highestKey < .max else {
            highestKey = max(key, highestKey)
            return record
        }
        highestKey += 1
        let move = try Statement(table.changeKey, on: connection)
        try move.bind(key, at: 1)
        try move.bind(highestKey, at: 2)
        try connection.execute(
            "DELETE \(table.lastKey); INSERT INTO sqlite_sequence (name, seq) "
                + "VALUES (\(table.dialect.literal(table.schema.table)), \(highestKey))")
        let moved = try self.record(of: move)
        guard !moved.isEmpty else { throw .ignored("an update of", table) }
        return moved
    }

    /// Whether the database makes its keys and has none left.
    func hasGivenLastKey() throws(SQLiteError) -> Bool {
        guard table.generatesKeys else { return false }
        return try connection.integer("SELECT max(seq) \(table.lastKey)") == .max
    }

    private func upsert(
        _ key: Key, _ row: RowBatch, _ precondition: Precondition, _ stamp: Stamp
    ) throws(SQLiteError) -> Outcome {
        // Nobody else writes between these statements: they are one transaction of the one connection that writes.
        let isThere = try !record(withKey: key).isEmpty
        switch precondition {
        case .absent where isThere: return .refused(.preconditionFailed)
        case .version where !isThere, .present where !isThere: return .refused(.preconditionFailed)
        case _ where isThere: return try update(key, row, precondition, stamp)
        default: return try insert(row, stamp)
        }
    }

    private func update(
        _ key: Key, _ row: RowBatch, _ precondition: Precondition, _ stamp: Stamp
    ) throws(SQLiteError) -> Outcome {
        let columns = table.updatedColumns.filter { !row[0, $0].isAbsent }
        guard !columns.isEmpty else { return try unchanged(key, precondition) }
        let version: Int64?
        switch try expectedVersion(of: key, precondition) {
        case .success(let expected): version = expected
        case .failure(let refusal): return .refused(refusal.reason)
        }
        let statement = try updateStatement(columns)
        let next = Int32(columns.count + 1)
        try statement.bind(key, at: next)
        try statement.bind(stamp.version, at: next + 1)
        try statement.bind(version, at: next + 2)
        if table.updatedAt != nil { try statement.bind(stamp.time.microsecondsSince1970, at: next + 3) }
        return try write(row, columns, by: statement, to: key) { record throws(SQLiteError) in
            guard record.isEmpty else { return .done(Written(record, isNew: false)) }
            try checkNothingToUpdate(key, row, columns, version)
            return try unchanged(key, precondition)
        }
    }

    /// - Throws: when an update that had no effect should have had one.
    private func checkNothingToUpdate(
        _ key: Key, _ row: RowBatch, _ columns: [Int], _ version: Int64?
    ) throws(SQLiteError) {
        let probe = try Statement(table.probeUpdate(columns), on: connection)
        for (index, column) in columns.enumerated() { try probe.bind(row[0, column], of: row, at: Int32(index + 1)) }
        try probe.bind(key, at: Int32(columns.count + 1))
        try probe.bind(version, at: Int32(columns.count + 3))
        if try probe.step() { throw .ignored("an update of", table) }
    }

    private func delete(
        _ key: Key, _ precondition: Precondition, _ stamp: Stamp
    ) throws(SQLiteError) -> Outcome {
        let version: Int64?
        switch try expectedVersion(of: key, precondition) {
        case .success(let expected): version = expected
        case .failure(let refusal): return .refused(refusal.reason)
        }
        if setsNull { try announce(stamp) }
        let statement = try connection.statement(keptIn: &delete, table.delete)
        try statement.bind(key, at: 1)
        try statement.bind(version, at: 2)
        do throws(SQLiteError) {
            let record = mayCascadeDeeply ? try recordOrNothing(of: statement) : try record(of: statement)
            guard record.isEmpty else { return .done(Written(record, isNew: false)) }
            let outcome = try unchanged(key, precondition)
            if case .done = outcome { throw SQLiteError.ignored("a deletion from", table) }
            return outcome
        } catch let error where error.isReferenceViolation && connection.isInTransaction {
            // A reference that the schemas don't know: that is no client's mistake.
            guard let reason = try conflicts.refusal(ofDeleting: key) else { throw error }
            return .refused(reason)
        } catch let error where error.mayBeTooDeep && mayCascadeDeeply {
            return try delete(key, precondition, by: DeepDeletion(table, catalog, on: connection))
        }
    }

    private func delete(
        _ key: Key, _ precondition: Precondition, by deletion: DeepDeletion
    ) throws(SQLiteError) -> Outcome {
        // What there is to delete, if it may be.
        let outcome = try unchanged(key, precondition)
        guard case .done = outcome else { return outcome }
        if let reason = try conflicts.refusal(ofDeleting: key) { return .refused(reason) }
        try deletion.delete(key)
        guard try record(withKey: key).isEmpty else { throw .ignored("a deletion from", table) }
        return outcome
    }

    /// What to say of a record on which a statement had no effect: it isn't there, is another version, or was the same
    /// already.
    private func unchanged(_ key: Key, _ precondition: Precondition) throws(SQLiteError) -> Outcome {
        let record = try record(withKey: key)
        if let reason = table.refusal(of: record, if: precondition) { return .refused(reason) }
        return .done(Written(record, isNew: false))
    }

    /// The one version in which a statement is to find its record; nil for any.
    private func expectedVersion(
        of key: Key, _ precondition: Precondition
    ) throws(SQLiteError) -> Result<Int64?, Refusal> {
        switch precondition {
        case .none, .present: return .success(nil)
        case .version(let versions) where versions.count == 1: return .success(versions[0])
        case .version, .absent:
            // The one of several that it has, if any: at most one of them can be.
            let record = try record(withKey: key)
            if let reason = table.refusal(of: record, if: precondition) {
                return .failure(Refusal(mutation: 0, reason))
            }
            return .success(record[0, table.schema.versionIndex].integer ?? 0)
        }
    }

    /// Leaves the version where triggers find it.
    private func announce(_ stamp: Stamp) throws(SQLiteError) {
        let statement = try connection.statement(
            keptIn: &announce, "UPDATE martlet_versions SET current = ?1, time = ?2")
        try statement.bind(stamp.version, at: 1)
        try statement.bind(stamp.time.microsecondsSince1970, at: 2)
        try statement.run()
    }
}

// MARK: - Running

extension TableWriter {
    /// Binds the columns of a row from parameter 1 on, and runs.
    /// - Parameters:
    ///   - key: of the record that is changed; nil for a new one.
    ///   - done: what it means that it ran, by the row that it returned, if any.
    private func write(
        _ row: RowBatch, _ columns: [Int], by statement: Statement, to key: Key?,
        done: (RowBatch) throws(SQLiteError) -> Outcome
    ) throws(SQLiteError) -> Outcome {
        // All that is bound lies in the heap, uncopied, until the statement is reset.
        try row.heap.span.bytes.withUnsafeBytes { heap throws(SQLiteError) in
            for (index, column) in columns.enumerated() {
                try statement.bind(row[0, column], in: heap, at: Int32(index + 1))
            }
            let record: RowBatch
            do throws(SQLiteError) {
                record = try self.record(of: statement, bytes: row.heap.count + 64)
            } catch let error
                where (error.isUniqueViolation || error.isReferenceViolation) && connection.isInTransaction
            {
                let reason = try conflicts.refusal(of: row, to: key, isOfUnique: error.isUniqueViolation)
                // An index on an expression, or of another table that a trigger writes to.
                guard let reason else { throw error }
                return .refused(reason)
            }
            return try done(record)
        }
    }

    private func record(withKey key: Key) throws(SQLiteError) -> RowBatch {
        let statement = try connection.statement(keptIn: &select, table.select(.byKey))
        try statement.bind(key, at: 1)
        return try record(of: statement)
    }

    /// Runs a statement that returns one row or none. All changes are made by the time of the first row
    /// (<https://www.sqlite.org/lang_returning.html>), but only the end says that it has ended well.
    private func record(of statement: Statement, bytes: Int = 64) throws(SQLiteError) -> RowBatch {
        var rows = RowBatch(width: table.schema.width, reservingRows: 1, bytes: bytes)
        defer { statement.reset() }
        while try statement.step() {
            do throws(SQLiteError) { try statement.appendRow(to: &rows, table.tags) } catch {
                throw error.inTable(table.schema)
            }
        }
        return rows
    }

    /// Undoes what the statement has done before it failed. SQLite itself doesn't when a cascade has gone too deep: the
    /// statement has no journal of its own unless a constraint may end it.
    private func recordOrNothing(of statement: Statement) throws(SQLiteError) -> RowBatch {
        try connection.execute("SAVEPOINT deletion")
        do throws(SQLiteError) {
            let record = try record(of: statement)
            try connection.execute("RELEASE deletion")
            return record
        } catch {
            // After any other error the savepoint may be gone with its transaction.
            guard error.concernsStatementAlone, connection.isInTransaction else { throw error }
            try connection.execute("ROLLBACK TO deletion; RELEASE deletion")
            throw error
        }
    }

    private func updateStatement(_ columns: [Int]) throws(SQLiteError) -> Statement {
        if let known = updates.first(where: { $0.columns == columns }) { return known.statement }
        let statement = try Statement(table.update(columns), on: connection)
        if updates.count == Self.keptUpdates { updates.removeFirst() }
        updates.append((columns, statement))
        return statement
    }
}

extension SQLiteError {
    fileprivate static func ignored(_ what: String, _ table: TableLayout) -> SQLiteError {
        .ignored(
            "\(what) \(table.name) had no effect: a trigger or a constraint that another program has made ignores it")
    }
}

/// What a change marks its record with.
struct Stamp {
    let version: Int64
    let time: Timestamp
}
