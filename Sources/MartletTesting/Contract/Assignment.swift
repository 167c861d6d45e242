import MartletKernel
import MartletModel

/// A field of an ``Item`` and the value that an update gives it.
struct Assignment: Sendable {
    let store: @Sendable (inout RowBatch) -> Void

    static func set<Value: FieldValue>(_ path: KeyPath<Item, Value>, _ value: Value) -> Assignment {
        guard let column = Item.schema.column(of: path) else { preconditionFailure("a field of Item") }
        return Assignment { value.store(in: &$0, row: 0, column: column) }
    }
}
