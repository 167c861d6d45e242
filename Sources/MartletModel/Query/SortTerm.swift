/// A field that a list is sorted by. Texts are in the order of their UTF-8; null comes first ascending, last descending.
public struct SortTerm: Sendable, Hashable {
    public let column: Int
    public let isDescending: Bool

    public init(_ column: Int, isDescending: Bool = false) {
        self.column = column
        self.isDescending = isDescending
    }

    /// As many as a list may be sorted by.
    public static let mostTerms = 8
}

extension ResourceSchema {
    /// The order of records that are sorted by `terms`, without what can't decide it, and total: the key comes last, in
    /// the direction of the term before it, unless a field before it differs from record to record.
    public func totalOrder(_ terms: [SortTerm]) -> [SortTerm] {
        var order: [SortTerm] = []
        for term in terms {
            order.append(term)
            let field = fields[term.column]
            if term.column == keyIndex || (field.uniqueness != nil && !field.isNullable) { return order }
        }
        return order + [SortTerm(keyIndex, isDescending: order.last?.isDescending ?? false)]
    }
}
