/// How a filter compares a field, by the name that it has in a query: `age.gte=18`.
public enum FilterOperator: String, Sendable, CaseIterable {
    case equal = "eq"
    case notEqual = "ne"
    case less = "lt"
    case lessOrEqual = "lte"
    case greater = "gt"
    case greaterOrEqual = "gte"
    /// One of several values.
    case oneOf = "in"
    case like
    /// ``like``, where A to Z are the same as a to z.
    case likeIgnoringCase = "ilike"
    case isNull = "null"

    /// Nil for those that are no comparison with one value.
    public var comparison: FilterTerm.Comparison? { FilterTerm.Comparison(rawValue: rawValue) }
}

extension FieldSchema {
    /// How the field can be filtered; none for one that is only written.
    public var filterOperators: [FilterOperator] {
        if isWriteOnly { return [] }
        switch type {
        case .integer, .number, .timestamp, .date, .uuid:
            return [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .oneOf, .isNull]
        case .string: return FilterOperator.allCases
        case .bytes, .enumeration: return [.equal, .notEqual, .oneOf, .isNull]
        case .boolean: return [.equal, .notEqual, .isNull]
        case .json: return [.isNull]
        }
    }

    /// Whether lists can be sorted by the field.
    public var isSortable: Bool { type != .json && !isWriteOnly }
}
