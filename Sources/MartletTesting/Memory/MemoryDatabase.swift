import MartletKernel
import MartletModel

/// All tables, the sequence of versions and the idempotency entries, as one value: to undo a transaction is to forget the
/// copy that it was done on.
struct MemoryDatabase {
    private(set) var tables: [String: MemoryTable] = [:]
    private var lastVersion: Int64 = 0
    /// By the bytes of their scopes: to Swift "é" and "e" with an accent behind it are equal.
    private var entries: [[UInt8]: IdempotencyEntry] = [:]

    /// Adds an empty table, unless there is one.
    mutating func addTable(of schema: ResourceSchema) {
        guard tables[schema.name] == nil else { return }
        tables[schema.name] = MemoryTable(schema)
    }

    func rows(for query: Query) throws(StorageError) -> RowBatch {
        let table = try table(of: query.resource)
        let rows: RowBatch =
            switch query.selection {
            case .key(let key): table.rows(key)
            case .page(let after, let limit): table.page(after: after, limit: limit, maxBytes: query.maxBytes)
            case .list(let list): list.page(of: table.rows, maxBytes: query.maxBytes)
            case .count(let filter): .count(table.records.count { filter.matches(row: 0, of: $0) })
            }
        let bytes = rows.byteCount
        guard bytes <= BufferBudget.uncounted || query.reservation?.grow(by: bytes) ?? true else { throw .overloaded }
        return rows
    }

    /// Does the mutations in their order. When the transaction is refused, some of it is done: the caller drops this value.
    mutating func apply(_ transaction: Transaction) throws(StorageError) -> CommitResult {
        if let known = replay(of: transaction) { return known }
        var results = TransactionResults(of: transaction)
        while let (mutation, change) = results.next() {
            _ = try table(of: mutation.resource)
            lastVersion += 1
            let before = self
            do throws(Refused) {
                results.append(try apply(change, mutation, at: transaction.time))
            } catch {
                self = before
                results.refuse(error.reason)
            }
        }
        if let idempotency = transaction.idempotency, case .committed(let written) = results.result {
            entries[Array(idempotency.scope.utf8)] = IdempotencyEntry(
                fingerprint: idempotency.fingerprint, time: transaction.time, result: transaction.encode(written))
        }
        return results.result
    }

    /// What became of a transaction that was committed before.
    func replay(of transaction: Transaction) -> CommitResult? {
        guard let idempotency = transaction.idempotency, let entry = entries[Array(idempotency.scope.utf8)] else {
            return nil
        }
        let age = transaction.time.microsecondsSince1970 - entry.time.microsecondsSince1970
        guard age < Idempotency.lifetime, age >= -Idempotency.lifetime else { return nil }
        return transaction.result(of: entry)
    }

    private func table(of schema: ResourceSchema) throws(StorageError) -> MemoryTable {
        guard let table = tables[schema.name] else { throw .internal("\(schema.name) was never prepared") }
        return table
    }
}

// MARK: - One mutation

extension MemoryDatabase {
    private struct Refused: Error {
        let reason: Refusal.Reason
    }

    private mutating func apply(
        _ change: Mutation.Change, _ mutation: Mutation, at time: Timestamp
    ) throws(Refused) -> Written {
        let name = mutation.resource.name
        switch change {
        case .insert(let row): return try insert(row.cells, name, at: time)
        case .update(let key, let row): return try update(key, row.cells, name, mutation.precondition, at: time)
        case .delete(let key): return try delete(key, name, mutation.precondition, at: time)
        case .upsert(let key, let row):
            let isThere = tables[name]?.contains(key) == true
            if isThere, mutation.precondition != .absent {
                return try update(key, row.cells, name, mutation.precondition, at: time)
            }
            let isToBeMade = mutation.precondition == .none || mutation.precondition == .absent
            guard !isThere, isToBeMade else { throw Refused(reason: .preconditionFailed) }
            return try insert(row.cells, name, at: time)
        }
    }

    private mutating func insert(_ row: RowBatch, _ name: String, at time: Timestamp) throws(Refused) -> Written {
        guard let record = tables[name]?.completed(row, at: time, lastVersion) else {
            throw Refused(reason: .notFound)
        }
        try refuseMissingReferences(record, name)
        try refuseTakenValues(record, name, besides: nil)
        tables[name]?.put(record)
        return Written(record, isNew: true)
    }

    private mutating func update(
        _ key: Key, _ changes: RowBatch, _ name: String, _ precondition: Precondition, at time: Timestamp
    ) throws(Refused) -> Written {
        let (table, before) = try record(key, name, precondition)
        let schema = table.schema
        var record = before
        for column in schema.fields.indices where column != schema.keyIndex && !changes[0, column].isAbsent {
            record.set(row: 0, column: column, to: changes[0, column], of: changes)
        }
        guard record != before else { return Written(before, isNew: false) }
        try refuseMissingReferences(record, name)
        try refuseTakenValues(record, name, besides: key)
        for column in schema.fields.indices where schema.fields[column].managed == .updatedAt {
            record.set(row: 0, column: column, to: .timestamp(time))
        }
        record.set(row: 0, column: schema.versionIndex, to: .integer(lastVersion))
        tables[name]?.put(record)
        return Written(record, isNew: false)
    }

    private mutating func delete(
        _ key: Key, _ name: String, _ precondition: Precondition, at time: Timestamp
    ) throws(Refused) -> Written {
        let (_, record) = try record(key, name, precondition)
        remove(key, name, at: time)
        let referrers = referrersWithoutRecord()
        guard referrers.isEmpty else { throw Refused(reason: .stillReferenced(referrers)) }
        return Written(record, isNew: false)
    }

    private func record(
        _ key: Key, _ name: String, _ precondition: Precondition
    ) throws(Refused) -> (MemoryTable, RowBatch) {
        guard let table = tables[name], case let record = table.rows(key), !record.isEmpty else {
            throw Refused(reason: .notFound)
        }
        guard precondition.holds(for: table.version(of: record)) else { throw Refused(reason: .preconditionFailed) }
        return (table, record)
    }

    private func refuseTakenValues(_ record: RowBatch, _ name: String, besides key: Key?) throws(Refused) {
        let taken = tables[name]?.takenColumns(of: record, besides: key) ?? []
        guard taken.isEmpty else { throw Refused(reason: .uniqueTaken(taken)) }
    }
}

// MARK: - References

extension MemoryDatabase {
    private func refuseMissingReferences(_ record: RowBatch, _ name: String) throws(Refused) {
        guard let schema = tables[name]?.schema else { return }
        // A reference to itself is none to a record that isn't there.
        let key = schema.key(ofRow: 0, in: record)
        let missing = schema.fields.indices.filter { column in
            let isOwn = schema.fields[column].reference?.resource == name && Key(record[0, column], of: record) == key
            return !isOwn && isMissing(record, schema.fields[column], column)
        }
        guard missing.isEmpty else { throw Refused(reason: .referenceMissing(missing)) }
    }

    private func isMissing(_ record: RowBatch, _ field: FieldSchema, _ column: Int) -> Bool {
        guard let reference = field.reference, let key = Key(record[0, column], of: record) else { return false }
        return tables[reference.resource]?.contains(key) != true
    }

    /// Removes a record, and does to those that refer to it what their references say, one after the other.
    private mutating func remove(_ key: Key, _ name: String, at time: Timestamp) {
        tables[name]?.remove(key)
        for child in tables.values.map(\.schema).sorted(by: { $0.name < $1.name }) {
            for column in child.fields.indices {
                guard let reference = child.fields[column].reference, reference.resource == name else { continue }
                let records = (tables[child.name]?.records ?? []).filter { Key($0[0, column], of: $0) == key }
                for record in records {
                    switch reference.onDelete {
                    case .restrict: break
                    case .cascade: remove(tables[child.name]?.key(of: record) ?? key, child.name, at: time)
                    case .setNull: setNull(record, child, column, at: time)
                    }
                }
            }
        }
    }

    private mutating func setNull(_ record: RowBatch, _ schema: ResourceSchema, _ column: Int, at time: Timestamp) {
        // Another reference of the same record may have been set to null just before.
        guard let key = schema.key(ofRow: 0, in: record), var record = tables[schema.name]?.rows(key), !record.isEmpty
        else { return }
        record.set(row: 0, column: column, to: .null)
        for column in schema.fields.indices where schema.fields[column].managed == .updatedAt {
            record.set(row: 0, column: column, to: .timestamp(time))
        }
        record.set(row: 0, column: schema.versionIndex, to: .integer(lastVersion))
        tables[schema.name]?.put(record)
    }

    /// The fields that refer to a record that isn't there any more, in the order of their resources' names and schemas.
    private func referrersWithoutRecord() -> [Refusal.Referrer] {
        var referrers: [Refusal.Referrer] = []
        for table in tables.values.sorted(by: { $0.schema.name < $1.schema.name }) {
            for (column, field) in table.schema.fields.enumerated() where field.reference?.onDelete == .restrict {
                guard table.records.contains(where: { isMissing($0, field, column) }) else { continue }
                referrers.append(Refusal.Referrer(resource: table.schema.name, field: field.name))
            }
        }
        return referrers
    }
}
