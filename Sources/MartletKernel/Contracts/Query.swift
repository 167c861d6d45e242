public import MartletModel

/// What to read, as a value.
public struct Query: Sendable {
    public enum Selection: Sendable, Equatable {
        /// The record with this key, if there is one.
        case key(Key)
        /// Records in the order of their keys: those behind `after`, `limit` of them at the most.
        case page(after: Key?, limit: Int)
    }

    public let resource: ResourceSchema
    public let selection: Selection

    public init(_ resource: ResourceSchema, _ selection: Selection) {
        self.resource = resource
        self.selection = selection
    }
}
