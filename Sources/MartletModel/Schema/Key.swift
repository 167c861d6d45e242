/// What identifies a record among those of its resource.
public enum Key: Sendable, Hashable, Comparable {
    case integer(Int64)

    /// The key that a path segment or a cursor spells, in the one spelling that it has: no `+1`, no `01`.
    public init?(_ text: some StringProtocol, for schema: ResourceSchema) {
        guard let value = Int64(text), String(value) == text else { return nil }
        self = .integer(value)
    }

    public var cell: Cell {
        switch self {
        case .integer(let value): .integer(value)
        }
    }
}

extension Key: CustomStringConvertible {
    /// As a path segment spells it.
    public var description: String {
        switch self {
        case .integer(let value): String(value)
        }
    }
}
