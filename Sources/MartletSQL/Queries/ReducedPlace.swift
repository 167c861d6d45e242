import MartletKernel
import MartletModel

/// Where a page begins, without what the filter decides already.
///
/// A column that has one value only tells nothing about who is behind the place, or all. And where the filter bounds the
/// first column on the side that the page begins at, one of the two bounds says all: with both, a database could choose the
/// filter's to seek an index by, and walk over all that earlier pages had.
struct ReducedPlace {
    struct Term {
        /// Its place in the order.
        let index: Int
        let sort: SortTerm
        /// Whether a record that the filter lets through can have a null there.
        let isNullable: Bool
    }

    /// In the columns of the whole order.
    let values: RowBatch
    private(set) var terms: [Term] = []
    /// Records that have the values of all terms are behind the place as well.
    private(set) var isInclusive = false
    /// The first term, if the place meets the filter's bounds: so does all that is behind it.
    private(set) var boundTerm: SortTerm?

    /// - Parameter canBeNull: whether a column can hold a null.
    init(_ after: RowBatch, _ order: [SortTerm], _ filter: Filter, _ canBeNull: (Int) -> Bool) {
        values = after
        for (index, sort) in order.enumerated() {
            let conditions = filter.clauses.lazy.filter { $0.count == 1 && $0[0].column == sort.column }
                .map { $0[0].condition }
            let place = after[0, index]
            if let fixed = conditions.compactMap({ $0.order(to: place, of: after) }).first {
                if fixed == 0 { continue }
                isInclusive = (fixed > 0) != sort.isDescending
                return
            }
            let isNullable = canBeNull(sort.column) && conditions.isEmpty
            if place.isNull, !isNullable {
                isInclusive = !sort.isDescending
                return
            }
            if terms.isEmpty {
                guard conditions.allSatisfy({ $0.meetsBound(place, of: after, for: sort) }) else {
                    isInclusive = true
                    return
                }
                boundTerm = sort
            }
            terms.append(Term(index: index, sort: sort, isNullable: isNullable))
        }
    }
}

extension FilterTerm.Condition {
    /// Whether every record that meets it has the same value, or null.
    var isFixed: Bool {
        switch self {
        case .compare(.equal, _), .isNull(true): true
        case .oneOf(let values): values.count == 1
        case .like(let pattern, let ignoringCase): pattern.isLiteral && !ignoringCase
        case .compare, .isNull: false
        }
    }

    /// How the one value that a record can have is to a cell; nil where there are others.
    fileprivate func order(to cell: Cell, of batch: RowBatch) -> Int? {
        guard isFixed else { return nil }
        switch self {
        case .compare(_, let value), .oneOf(let value): return value.order(value[0, 0], cell, of: batch)
        case .like(let pattern, _):
            var value = RowBatch(width: 1)
            value.append(pattern.prefix)
            return value.order(value[0, 0], cell, of: batch)
        case .isNull: return cell.isNull ? 0 : -1
        }
    }

    /// Whether it does no more than bound a column on the side that an order begins at.
    func isBound(onlyFor sort: SortTerm) -> Bool {
        switch self {
        case .compare(.greater, _), .compare(.greaterOrEqual, _), .isNull(false): !sort.isDescending
        case .compare(.less, _), .compare(.lessOrEqual, _): sort.isDescending
        case .compare, .oneOf, .like, .isNull: false
        }
    }

    /// Whether a cell is not before what the condition lets through, as far as it bounds a column on that side.
    fileprivate func meetsBound(_ cell: Cell, of batch: RowBatch, for sort: SortTerm) -> Bool {
        switch self {
        case .compare(let comparison, let value) where isBound(onlyFor: sort):
            let order = batch.order(cell, value[0, 0], of: value)
            return switch comparison {
            case .greater: order > 0
            case .greaterOrEqual: order >= 0
            case .less: order < 0
            case .lessOrEqual: order <= 0
            case .equal, .notEqual: true
            }
        case .like(let pattern, ignoringCase: false):
            return batch.withBytes(of: cell) { bytes in
                guard sort.isDescending else { return !bytes.lexicographicallyPrecedes(pattern.prefix.utf8) }
                return pattern.endOfPrefix.map { bytes.lexicographicallyPrecedes($0.utf8) } ?? true
            }
        case .compare, .oneOf, .like, .isNull: return true
        }
    }
}
