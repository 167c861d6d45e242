import MartletKernel
import MartletModel

/// All that a shelf knows, as one value: to undo a transaction is to forget the copy that it was done on.
struct Boards {
    private struct Refused: Error {
        let reason: Refusal.Reason
    }

    /// By the names of their resources.
    private var boards: [String: Board] = [:]
    private var lastVersion: Int64 = 0
    /// By the bytes of their scopes, as Swift's strings take "é" and "e" with an accent for the same.
    private var entries: [[UInt8]: IdempotencyEntry] = [:]

    /// Records on all boards.
    var count: Int { boards.values.reduce(0) { $0 + $1.records.count } }

    mutating func addBoard(for schema: ResourceSchema) {
        boards[schema.name] = boards[schema.name] ?? Board(schema)
    }

    func board(of schema: ResourceSchema) throws(StorageError) -> Board {
        guard let board = boards[schema.name] else { throw .internal("\(schema.name) was not prepared") }
        return board
    }

    /// When the transaction is refused, some of it is done: the caller drops this value.
    mutating func apply(_ transaction: Transaction) throws(StorageError) -> CommitResult {
        if let known = replay(of: transaction) { return known }
        var results = TransactionResults(of: transaction)
        while let (mutation, change) = results.next() {
            _ = try board(of: mutation.resource)
            lastVersion += 1
            let before = self
            do throws(Refused) {
                results.append(try apply(change, mutation.resource, mutation.precondition, at: transaction.time))
            } catch {
                self = before
                results.refuse(error.reason)
            }
        }
        if case .committed(let written) = results.result { remember(transaction, written) }
        return results.result
    }

    /// What became of a transaction that was committed before.
    func replay(of transaction: Transaction) -> CommitResult? {
        guard let idempotency = transaction.idempotency, let entry = entries[Array(idempotency.scope.utf8)],
            entry.isKnown(at: transaction.time)
        else { return nil }
        return transaction.result(of: entry)
    }

    private mutating func remember(_ transaction: Transaction, _ written: [Written]) {
        guard let idempotency = transaction.idempotency else { return }
        // The only time to forget: without new entries the old ones don't become more.
        entries = entries.filter { $0.value.isKnown(at: transaction.time) }
        entries[Array(idempotency.scope.utf8)] = IdempotencyEntry(
            fingerprint: idempotency.fingerprint, time: transaction.time, result: transaction.encode(written))
    }
}

// MARK: - One mutation

extension Boards {
    private mutating func apply(
        _ change: Mutation.Change, _ schema: ResourceSchema, _ precondition: Precondition, at time: Timestamp
    ) throws(Refused) -> Written {
        let stored = change.key.flatMap { boards[schema.name]?.records[$0] }
        switch (change, stored) {
        case (.upsert, nil) where precondition != .none && precondition != .absent:
            throw Refused(reason: .preconditionFailed)
        case (.insert(let row), _), (.upsert(_, let row), nil):
            let record = boards[schema.name, default: Board(schema)].completed(row.cells, at: time)
            return Written(try put(record, schema, over: nil, at: time), isNew: true)
        case (.update(let key, let row), let record?), (.upsert(let key, let row), let record?):
            try check(precondition, of: record, schema)
            let changed = record.updated(with: row.cells)
            return Written(
                changed == record ? record : try put(changed, schema, over: key, at: time), isNew: false)
        case (.delete(let key), let record?):
            try check(precondition, of: record, schema)
            remove(key, schema.name, at: time)
            let referrers = referrersWithoutRecord()
            guard referrers.isEmpty else { throw Refused(reason: .stillReferenced(referrers)) }
            return Written(record, isNew: false)
        case (_, nil):
            throw Refused(reason: .notFound)
        }
    }

    private func check(
        _ precondition: Precondition, of record: RowBatch, _ schema: ResourceSchema
    ) throws(Refused) {
        let version = record[0, schema.versionIndex].integer ?? 0
        guard precondition.holds(for: version) else { throw Refused(reason: .preconditionFailed) }
    }

    /// - Parameter key: of the record that it takes the place of.
    private mutating func put(
        _ record: RowBatch, _ schema: ResourceSchema, over key: Key?, at time: Timestamp
    ) throws(Refused) -> RowBatch {
        let ownKey = schema.key(ofRow: 0, in: record)
        let missing = schema.fields.indices.filter { column in
            let reference = schema.fields[column].reference?.resource
            let isOwn = reference == schema.name && Key(record[0, column], of: record) == ownKey
            return !isOwn && isMissing(record, schema.fields[column], column)
        }
        guard missing.isEmpty else { throw Refused(reason: .referenceMissing(missing)) }
        let taken = boards[schema.name]?.takenColumns(of: record, besides: key) ?? []
        guard taken.isEmpty else { throw Refused(reason: .uniqueTaken(taken)) }
        return boards[schema.name, default: Board(schema)].put(record, lastVersion, at: time)
    }
}

// MARK: - References

extension Boards {
    private func isMissing(_ record: RowBatch, _ field: FieldSchema, _ column: Int) -> Bool {
        guard let reference = field.reference, let key = Key(record[0, column], of: record) else { return false }
        return boards[reference.resource]?.records[key] == nil
    }

    /// Removes a record, and does to those that refer to it what their references say.
    private mutating func remove(_ key: Key, _ name: String, at time: Timestamp) {
        boards[name]?.remove(key)
        for schema in boards.values.map(\.schema) {
            for (column, field) in schema.fields.enumerated() where field.reference?.resource == name {
                // As they are by now: another reference may have changed or removed some of them just before.
                for (child, var record) in boards[schema.name]?.records ?? [:]
                where Key(record[0, column], of: record) == key {
                    switch field.reference?.onDelete {
                    case .cascade: remove(child, schema.name, at: time)
                    case .setNull:
                        record.set(row: 0, column: column, to: .null)
                        boards[schema.name]?.put(record, lastVersion, at: time)
                    // Whether it is in the way is known at the end: it may go along by another reference.
                    case .restrict, nil: break
                    }
                }
            }
        }
    }

    /// The fields that keep a record from being removed, in the order of their resources' names and schemas.
    private func referrersWithoutRecord() -> [Refusal.Referrer] {
        boards.values.sorted { $0.schema.name < $1.schema.name }.flatMap { board in
            board.schema.fields.enumerated().compactMap { column, field in
                guard field.reference?.onDelete == .restrict,
                    board.records.values.contains(where: { isMissing($0, field, column) })
                else { return nil }
                return Refusal.Referrer(resource: board.schema.name, field: field.name)
            }
        }
    }
}

extension IdempotencyEntry {
    /// One of a time when the clock was far ahead isn't.
    fileprivate func isKnown(at now: Timestamp) -> Bool {
        let age = now.microsecondsSince1970 - time.microsecondsSince1970
        return age < Idempotency.lifetime && age >= -Idempotency.lifetime
    }
}

extension RowBatch {
    /// The first row, with the cells of the other one that are there. Made anew: a cell that is only set leaves the bytes
    /// of the old one behind, and a record may be changed for years.
    fileprivate func updated(with changes: RowBatch) -> RowBatch {
        var row = RowBatch(width: width)
        for column in 0..<width {
            let source = changes[0, column].isAbsent ? self : changes
            row.append(source[0, column], of: source)
        }
        return row
    }
}
