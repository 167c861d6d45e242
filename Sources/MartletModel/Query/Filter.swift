/// Which records of a resource are meant.
public struct Filter: Sendable, Equatable {
    /// All of these have to hold, and of each one term or more.
    public let clauses: [[FilterTerm]]

    public init(_ clauses: [[FilterTerm]]) {
        self.clauses = clauses
    }

    /// Every record.
    public static let all = Filter([])

    /// As many terms as a filter may have.
    public static let mostTerms = 50
    /// As many values as each ``FilterTerm/Condition/oneOf(_:)`` may have, and all of a filter together.
    public static let mostValues = 1000
}

/// A condition on one field. None but ``Condition/isNull(_:)`` holds for a null.
public struct FilterTerm: Sendable, Equatable {
    public enum Condition: Sendable, Equatable {
        /// `value` is a batch of one cell, of the field's type and not null.
        case compare(Comparison, value: RowBatch)
        /// The values are the rows of a batch of one column: one or more, none of them null.
        case oneOf(RowBatch)
        case like(LikePattern, ignoringCase: Bool)
        case isNull(Bool)
    }

    /// As ``FilterOperator`` calls them.
    public enum Comparison: String, Sendable {
        case equal = "eq"
        case notEqual = "ne"
        case less = "lt"
        case lessOrEqual = "lte"
        case greater = "gt"
        case greaterOrEqual = "gte"
    }

    /// The field's column.
    public let column: Int
    public let condition: Condition

    public init(_ column: Int, _ condition: Condition) {
        self.column = column
        self.condition = condition
    }
}
