import MartletKernel
import MartletModel

/// Does the steps of a sequence on one storage. Answers name records as the sequence does, so that those of two storages
/// can be compared whatever keys they gave.
struct Replay {
    let storage: any Storage
    private var keys: [RecordName: Key] = [:]
    private var names: [Key: RecordName] = [:]

    init(_ storage: any Storage) {
        self.storage = storage
    }

    mutating func perform(_ step: RandomStep) async -> Answer {
        do {
            switch step {
            case .read(let name):
                return .rows(named(try await storage.rows(for: Query(Item.schema.resource, .key(key(name))))))
            case .page(let after, let limit):
                let query = Query(Item.schema.resource, .page(after: after.map(key), limit: limit))
                return .rows(named(try await storage.rows(for: query)))
            case .transaction(let changes):
                let mutations = try changes.map { Mutation(Item.schema.resource, try $0.change(keys)) }
                switch try await storage.commit(Transaction(mutations)) {
                case .refused(let refusal): return .refused(refusal)
                case .committed(let records): return committed(changes, records)
                }
            }
        } catch {
            return .failed("\(error)")
        }
    }

    private mutating func committed(_ changes: [RandomChange], _ records: [RowBatch]) -> Answer {
        for case (.insert(let name, _), let record) in zip(changes, records) {
            guard record.count == 1, let key = Item.schema.resource.key(ofRow: 0, in: record) else {
                return .failed("\(name) came without a key: \(record)")
            }
            if let other = names.updateValue(name, forKey: key) {
                return .failed("\(name) got the key \(key) that \(other) had before")
            }
            keys[name] = key
        }
        return .committed(records.map(named))
    }

    private func key(_ name: RecordName) -> Key { name.key(in: keys) }

    /// The rows with their names for their keys, -1 for an unknown one.
    private func named(_ rows: RowBatch) -> RowBatch {
        var rows = rows
        for row in 0..<rows.count {
            let name = Item.schema.resource.key(ofRow: row, in: rows).flatMap { names[$0] }
            rows.set(row: row, column: Item.schema.resource.keyIndex, to: .integer(name?.number ?? -1))
        }
        return rows
    }
}
