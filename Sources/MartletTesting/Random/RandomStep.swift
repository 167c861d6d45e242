import MartletKernel
import MartletModel

/// One operation of a random sequence.
enum RandomStep: Sendable {
    case read(RecordName)
    case page(after: RecordName?, limit: Int)
    case transaction([RandomChange])
}

/// One change of a transaction. What a row leaves absent, an update keeps.
enum RandomChange: Sendable {
    case insert(RecordName, RowBatch)
    case update(RecordName, RowBatch)
    case delete(RecordName)
}

/// What a sequence calls a record, before any storage gave it a key.
struct RecordName: Hashable, Sendable {
    let number: Int64
}

extension RecordName {
    /// The key that the record got; one that none has if its insert was refused.
    func key(in keys: [RecordName: Key]) -> Key {
        keys[self] ?? .integer(-1)
    }
}

extension RandomChange {
    /// What a storage is told, once names are keys.
    func change(_ keys: [RecordName: Key]) throws(Problem) -> Mutation.Change {
        switch self {
        case .insert(_, let row): .insert(try ValidatedRow(row, Item.schema.resource, for: .create))
        case .update(let name, let row):
            .update(name.key(in: keys), try ValidatedRow(row, Item.schema.resource, for: .patch))
        case .delete(let name): .delete(name.key(in: keys))
        }
    }
}

extension RecordName: CustomStringConvertible {
    var description: String { "#\(number)" }
}

extension RandomStep: CustomStringConvertible {
    var description: String {
        switch self {
        case .read(let name): "read \(name)"
        case .page(let after, let limit): "page of \(limit)" + (after.map { " behind \($0)" } ?? "")
        case .transaction(let changes): changes.map { "\($0)" }.joined(separator: "; ")
        }
    }
}

extension RandomChange: CustomStringConvertible {
    var description: String {
        switch self {
        case .insert(let name, let row): "insert \(name) \(row)"
        case .update(let name, let row): "update \(name) \(row)"
        case .delete(let name): "delete \(name)"
        }
    }
}
