import MartletKernel
import MartletModel

/// How what a sequence calls records and versions is called by one storage.
struct Naming {
    /// By resource and name, for keys that the storage gave.
    private var keys: [String: [RecordName: Key]] = [:]
    private var names: [String: [Key: RecordName]] = [:]
    private var versions: [VersionName: Int64] = [:]
    private var versionNames: [Int64: VersionName] = [:]
    /// In the order in which they were first seen, also in what was only read: a deletion can change other records.
    private var shown: [Int64: Int64] = [:]

    /// The record's key; one that none has if its insert was refused.
    func key(of name: RecordName, in resource: RandomResource) -> Key {
        switch name {
        case .numbered: keys[resource.schema.name]?[name] ?? .integer(-1)
        case .keyed(let key): key
        }
    }

    /// The name of a record that is there.
    func name(of key: Key, in resource: RandomResource) -> RecordName {
        resource.isNumbered ? names[resource.schema.name]?[key] ?? .numbered(-1) : .keyed(key)
    }

    /// Which mutation has written a version; nil when it came to be otherwise.
    func name(ofVersion version: Int64) -> VersionName? {
        versionNames[version]
    }
}

// MARK: - To a storage

extension Naming {
    func transaction(_ transaction: RandomTransaction) throws(Problem) -> Transaction {
        var mutations: [Mutation] = []
        for change in transaction.changes { mutations.append(try mutation(change)) }
        var whole = Transaction(mutations, at: transaction.time, idempotency: transaction.idempotency)
        // Some may have the bytes of a few records only.
        if transaction.number % 16 == 0 { whole.maxBytes = 500 + Int(transaction.number % 7) * 300 }
        return whole
    }

    private func mutation(_ change: RandomChange) throws(Problem) -> Mutation {
        let (schema, key) = (change.resource.schema, key(of: change.name, in: change.resource))
        let kept: Mutation.Change
        switch change.kind {
        case .insert: kept = .insert(try newRow(change, key))
        case .update: kept = .update(key, try ValidatedRow(row(of: change), schema, for: .patch))
        case .upsert:
            kept = .upsert(key, try ValidatedRow(row(of: change), schema, for: .replace(key, isCreating: true)))
        case .delete: kept = .delete(key)
        }
        return Mutation(
            schema, kept, if: precondition(change.condition), references: change.references,
            keyReference: change.keyReference)
    }

    private func newRow(_ change: RandomChange, _ key: Key) throws(Problem) -> ValidatedRow {
        let schema = change.resource.schema
        let names = change.references.mapValues { "\($0.mutation)/\($0.column)" }
        let row = try ValidatedRow(
            row(of: change), schema, for: change.isSparse ? .patch : .create, references: names)
        return change.resource.isNumbered ? row : row.with(key, schema)
    }

    private func row(of change: RandomChange) -> RowBatch {
        var row = change.row
        for (column, resource) in change.resource.numberedColumns {
            guard let number = row[0, column].integer, let target = RandomResource.named(resource) else { continue }
            key(of: .numbered(number), in: target).store(in: &row, row: 0, column: column)
        }
        if let version = change.version {
            row.set(row: 0, column: change.resource.schema.versionIndex, to: .integer(self.version(version)))
        }
        return row
    }

    private func precondition(_ condition: RandomChange.Condition) -> Precondition {
        switch condition {
        case .none: .none
        case .present: .present
        case .absent: .absent
        case .version(let names): .version(names.map(version))
        }
    }

    /// One that was never given, if the mutation was refused.
    private func version(_ name: VersionName) -> Int64 {
        versions[name] ?? -1
    }
}

// MARK: - From a storage

extension Naming {
    /// Takes note of what was committed.
    /// - Returns: what is wrong with it by itself.
    mutating func learn(_ transaction: RandomTransaction, _ written: [Written]) -> String? {
        for (index, (change, written)) in zip(transaction.changes, written).enumerated() {
            let (resource, record) = (change.resource, written.record)
            guard record.count == 1, let key = resource.schema.key(ofRow: 0, in: record) else {
                return "\(change.name) came without a key: \(record)"
            }
            if change.kind == .insert, resource.isNumbered {
                if let other = names[resource.schema.name, default: [:]].updateValue(change.name, forKey: key) {
                    return "\(change.name) got the key \(key) that \(other) had before"
                }
                keys[resource.schema.name, default: [:]][change.name] = key
            }
            let name = VersionName(transaction: transaction.number, mutation: index)
            versions[name] = record.version
            versionNames[record.version] = name
        }
        return nil
    }

    /// A result with the sequence's names for keys and versions.
    mutating func named(_ result: CommitResult, _ changes: [RandomChange]) -> CommitResult {
        switch result {
        case .committed(let written): .committed(named(written, changes))
        case .replayed(let written): .replayed(named(written, changes))
        case .refused: result
        }
    }

    private mutating func named(_ written: [Written], _ changes: [RandomChange]) -> [Written] {
        var named: [Written] = []
        for (change, each) in zip(changes, written) {
            named.append(Written(self.named(each.record, change.resource), isNew: each.isNew))
        }
        return named
    }

    /// Rows with numbers for the keys that the storage gave, -1 for an unknown one, and for versions.
    mutating func named(_ rows: RowBatch, _ resource: RandomResource) -> RowBatch {
        var rows = rows
        guard rows.width == resource.schema.width else { return rows }
        let columns = resource.numberedColumns
        for row in 0..<rows.count {
            for (column, target) in columns {
                guard let key = Key(rows[row, column], of: rows) else { continue }
                var number: Int64 = -1
                if case .numbered(let known)? = names[target]?[key] { number = known }
                rows.set(row: row, column: column, to: .integer(number))
            }
            guard let version = rows[row, resource.schema.versionIndex].integer else { continue }
            let number = shown[version] ?? Int64(shown.count)
            shown[version] = number
            rows.set(row: row, column: resource.schema.versionIndex, to: .integer(number))
        }
        return rows
    }
}
