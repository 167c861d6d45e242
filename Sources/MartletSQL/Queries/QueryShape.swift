import MartletKernel
import MartletModel

/// What of a query decides its SQL: queries of one shape are one statement, with other parameters.
public struct QueryShape: Sendable, Hashable {
    /// A resource's place among those of its storage.
    let resource: Int
    let dialect: SQLDialect
    /// All of these have to hold, and of each one term or more.
    let clauses: [[Term]]
    /// Nil when records are counted.
    let list: List?

    struct Term: Sendable, Hashable {
        let column: Int
        let condition: Condition
        /// The number of its first parameter.
        let parameter: Int
    }

    enum Condition: Sendable, Hashable {
        case compare(FilterTerm.Comparison)
        case oneOf(parameters: Int)
        case equalIgnoringCase
        /// Parameters: the first text of the range and the first behind it, where it has these, and the pattern if the range
        /// doesn't say all.
        case like(hasStart: Bool, hasEnd: Bool, hasPattern: Bool)
        case likeIgnoringCase
        case isNull, isNotNull
        /// Whatever is behind the page's place meets it.
        case always
    }

    struct List: Sendable, Hashable {
        let columns: [Int]
        let order: [OrderTerm]
        let place: Place?
        /// The number of its parameter; where it has none it is part of the text.
        let limit: Limit
    }

    struct OrderTerm: Sendable, Hashable {
        let sort: SortTerm
        let isNullable: Bool
    }

    enum Limit: Sendable, Hashable {
        case parameter(Int)
        case literal(Int)
    }

    /// Where the page begins.
    struct Place: Sendable, Hashable {
        /// Without those that are the same for all records.
        let terms: [PlaceTerm]
        /// Records that have the values of all terms are behind the place as well.
        let isInclusive: Bool
    }

    struct PlaceTerm: Sendable, Hashable {
        let column: Int
        let isDescending: Bool
        /// Whether a record that the filter lets through can have a null there.
        let isNullable: Bool
        /// Nil when the place itself has one.
        let parameter: Int?
    }
}
