public import MartletModel

/// What a client asks for, in no protocol's terms.
public struct Operation: Sendable {
    public enum Action: Sendable, Equatable {
        case create(ValidatedRow)
        case read(Key)
        /// Records in the order of their keys: those behind `after`, `limit` of them at the most.
        case list(after: Key?, limit: Int)
        /// Every writable field is in the row.
        case replace(Key, ValidatedRow)
        /// Absent fields stay as they are.
        case patch(Key, ValidatedRow)
        case delete(Key)
    }

    public let resource: ResourceSchema
    public let action: Action

    public init(_ resource: ResourceSchema, _ action: Action) {
        self.resource = resource
        self.action = action
    }
}

/// What became of an ``Operation``. What failed is a `Problem` instead.
public enum Outcome: Sendable, Equatable {
    /// One row: the record that was made.
    case created(RowBatch)
    /// One row: the record as it is now.
    case record(RowBatch)
    /// The records of a list. `next` is the last one's key if there are more behind it.
    case page(RowBatch, next: Key?)
    case deleted
}
