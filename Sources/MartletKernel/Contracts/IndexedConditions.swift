import MartletModel

/// What of a filter an index can serve.
struct IndexedConditions {
    private let resource: ResourceSchema
    /// Columns that have to have one value.
    private var equal: Set<Int> = []
    private var null: Set<Int> = []
    /// Columns that have to have one of a few values.
    private var few: Set<Int> = []
    /// Columns that have to have the one value, whatever its case.
    private var equalIgnoringCase: Set<Int> = []
    /// Columns whose values have to lie in a range.
    private var ranges: Set<Int> = []
    /// There are conditions that no index serves.
    private var hasOthers = false
    /// One of these may take as long for a single record as others for thousands.
    private let hasCostlyPattern: Bool

    init(_ filter: Filter, _ resource: ResourceSchema) {
        self.resource = resource
        hasCostlyPattern = filter.clauses.contains { $0.contains(where: \.hasCostlyPattern) }
        for clause in filter.clauses {
            guard clause.count == 1, let term = clause.first else {
                hasOthers = true
                continue
            }
            add(term)
        }
    }

    private mutating func add(_ term: FilterTerm) {
        switch term.condition {
        case .compare(.equal, _): equal.insert(term.column)
        case .compare(.notEqual, _): hasOthers = true
        case .compare: ranges.insert(term.column)
        case .oneOf(let values):
            if values.count == 1 { equal.insert(term.column) } else { few.insert(term.column) }
        case .isNull(true): null.insert(term.column)
        case .isNull(false): ranges.insert(term.column)
        case .like(let pattern, let ignoringCase):
            if pattern.isLiteral {
                if ignoringCase { equalIgnoringCase.insert(term.column) } else { equal.insert(term.column) }
            } else if pattern.isPrefix, !ignoringCase {
                ranges.insert(term.column)
            } else {
                hasOthers = true
            }
        }
    }

    /// Whether a unique index leaves only as many records as the filter has values.
    var matchesFewRecords: Bool {
        guard !hasCostlyPattern else { return false }
        return resource.indexes.contains { index in
            guard index.isUnique else { return false }
            if index.columns.count == 1, few.contains(index.columns[0]) { return true }
            return index.columns.allSatisfy {
                equal.contains($0) || (index.isIgnoringCase && equalIgnoringCase.contains($0))
            }
        }
    }

    /// Whether an index has the matching records, and no others, in an order or its reverse.
    func isBounded(by order: [SortTerm]) -> Bool {
        matchesFewRecords || resource.indexes.contains { serves($0, order) }
    }

    private func serves(_ index: ResourceIndex, _ order: [SortTerm]) -> Bool {
        guard !index.isIgnoringCase, !hasOthers, few.isEmpty, equalIgnoringCase.isEmpty else { return false }
        let fixed = equal.union(null)
        let columns = index.columns + (index.columns.contains(resource.keyIndex) ? [] : [resource.keyIndex])
        guard Set(columns.prefix(fixed.count)) == fixed else { return false }
        let left = columns.dropFirst(fixed.count)
        // What has one value orders nothing.
        let sorted = order.filter { !fixed.contains($0.column) }
        guard ranges.isSubset(of: left.prefix(1)) else { return false }
        // A range is to be the first of what is sorted by; where nothing is left to sort by, there is one record.
        guard !sorted.isEmpty else { return ranges.isEmpty }
        return left.starts(with: sorted.map(\.column))
            && sorted.allSatisfy { $0.isDescending == sorted[0].isDescending } && isOrdered(index)
    }

    /// A unique index ends with its columns, as far as records are told apart by them: among nulls it has no order.
    private func isOrdered(_ index: ResourceIndex) -> Bool {
        !index.isUnique || index.columns.allSatisfy { equal.contains($0) || !resource.fields[$0].isNullable }
    }
}

extension FilterTerm {
    /// A piece of a pattern that may stand anywhere is looked for at each place of the text.
    fileprivate var hasCostlyPattern: Bool {
        if case .like(let pattern, _) = condition { !pattern.isLiteral && !pattern.isPrefix } else { false }
    }
}
