import MartletKernel
import MartletModel

/// One change of a transaction. What a row leaves absent, an update keeps.
enum RandomChange: Sendable {
    case insert(RecordName, RowBatch)
    case update(RecordName, RowBatch)
    case delete(RecordName)
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

extension RandomChange: CustomStringConvertible {
    var description: String {
        switch self {
        case .insert(let name, let row): "insert \(name) \(row)"
        case .update(let name, let row): "update \(name) \(row)"
        case .delete(let name): "delete \(name)"
        }
    }
}
