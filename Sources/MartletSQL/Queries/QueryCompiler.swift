import MartletKernel
import MartletModel

/// Tells a query's shape and its values apart.
struct QueryCompiler {
    private let resource: ResourceSchema
    private let dialect: SQLDialect
    /// Columns that can be null in the database, whatever the resource says.
    private let relaxed: Set<Int>
    private(set) var parameters: [SQLParameter] = []

    init(_ resource: ResourceSchema, _ dialect: SQLDialect, relaxed: Set<Int> = []) {
        (self.resource, self.dialect, self.relaxed) = (resource, dialect, relaxed)
    }

    /// - Parameter ordinal: the resource's place among those of its storage.
    mutating func shape(of list: Query.List, _ columns: [Int], _ ordinal: Int) -> QueryShape {
        let reduced = list.after.map { ReducedPlace($0, list.order, list.filter) { canBeNull($0) } }
        let clauses = clauses(list.filter, reduced?.boundTerm)
        let place = reduced.map { self.place($0) }
        let order = (leadingNulls(list) + list.order).map {
            QueryShape.OrderTerm(sort: $0, isNullable: canBeNull($0.column))
        }
        // PostgreSQL plans without a look at parameters, and has to know how many rows are wanted.
        let rows = max(list.limit, 0)
        let limit: QueryShape.Limit = dialect == .sqlite ? .parameter(add(.limit(rows))) : .literal(rows)
        return QueryShape(
            resource: ordinal, dialect: dialect, clauses: clauses,
            list: QueryShape.List(columns: columns, order: order, place: place, limit: limit))
    }

    mutating func shape(counting filter: Filter, _ ordinal: Int) -> QueryShape {
        QueryShape(resource: ordinal, dialect: dialect, clauses: clauses(filter), list: nil)
    }

    private func canBeNull(_ column: Int) -> Bool {
        resource.fields[column].isNullable || relaxed.contains(column)
    }

    // MARK: - Filters

    /// - Parameter bound: by this term of the order nothing comes before the place, which meets the bounds of the filter on
    ///   that side.
    private mutating func clauses(_ filter: Filter, _ bound: SortTerm? = nil) -> [[QueryShape.Term]] {
        filter.clauses.map { clause in
            let bound = clause.count == 1 ? bound : nil
            return clause.map { term($0, bound?.column == $0.column ? bound : nil) }
        }
    }

    private mutating func term(_ term: FilterTerm, _ bound: SortTerm?) -> QueryShape.Term {
        let first = parameters.count + 1
        let condition: QueryShape.Condition =
            if let bound, term.condition.isBound(onlyFor: bound) { .always } else { condition(of: term, bound) }
        return QueryShape.Term(column: term.column, condition: condition, parameter: first)
    }

    private mutating func condition(of term: FilterTerm, _ bound: SortTerm?) -> QueryShape.Condition {
        switch term.condition {
        case .compare(let comparison, let value):
            add(.value(value, row: 0, column: 0))
            return .compare(comparison)
        case .oneOf(let values): return oneOf(values, in: term.column)
        case .isNull(let isNull): return isNull ? .isNull : .isNotNull
        case .like(let pattern, let ignoringCase): return like(pattern, ignoringCase, bound)
        }
    }

    private mutating func oneOf(_ values: RowBatch, in column: Int) -> QueryShape.Condition {
        if values.count == 1 {
            add(.value(values, row: 0, column: 0))
            return .compare(.equal)
        }
        guard dialect == .sqlite else {
            add(.array(values, of: resource.fields[column].type.tag))
            return .oneOf(parameters: 1)
        }
        // Few shapes for many numbers of values: the last one is said again.
        var count = values.isEmpty ? 0 : 1
        while count < values.count { count *= 2 }
        for index in 0..<count { add(.value(values, row: min(index, values.count - 1), column: 0)) }
        return .oneOf(parameters: count)
    }

    private mutating func like(
        _ pattern: LikePattern, _ ignoringCase: Bool, _ bound: SortTerm?
    ) -> QueryShape.Condition {
        if pattern.isLiteral {
            add(.text(pattern.prefix))
            return ignoringCase ? .equalIgnoringCase : .compare(.equal)
        }
        if ignoringCase {
            add(.text(dialect.text(of: pattern, ignoringCase: true)))
            return .likeIgnoringCase
        }
        let start = pattern.prefix.isEmpty || bound?.isDescending == false ? nil : pattern.prefix
        let end = bound?.isDescending == true ? nil : pattern.endOfPrefix
        if let start { add(.text(start)) }
        if let end { add(.text(end)) }
        if !pattern.isPrefix { add(.text(dialect.text(of: pattern, ignoringCase: false))) }
        if pattern.isPrefix, start == nil, end == nil { return bound == nil ? .isNotNull : .always }
        return .like(hasStart: start != nil, hasEnd: end != nil, hasPattern: !pattern.isPrefix)
    }

    // MARK: - Orders

    private mutating func place(_ reduced: ReducedPlace) -> QueryShape.Place {
        var terms: [QueryShape.PlaceTerm] = []
        for term in reduced.terms {
            let isNull = reduced.values[0, term.index].isNull
            terms.append(
                QueryShape.PlaceTerm(
                    column: term.sort.column, isDescending: term.sort.isDescending, isNullable: term.isNullable,
                    parameter: isNull ? nil : add(.value(reduced.values, row: 0, column: term.index))))
        }
        return QueryShape.Place(terms: terms, isInclusive: reduced.isInclusive)
    }

    /// Columns that the filter has null, in front of the order, where an index has them there. They order nothing; but while
    /// PostgreSQL knows that for a column that equals something, it doesn't for one that is null, and would sort.
    private func leadingNulls(_ list: Query.List) -> [SortTerm] {
        guard dialect == .postgres else { return [] }
        var (fixed, null): (Set<Int>, Set<Int>) = ([], [])
        for clause in list.filter.clauses where clause.count == 1 {
            if clause[0].condition == .isNull(true) { null.insert(clause[0].column) }
            if clause[0].condition.isFixed { fixed.insert(clause[0].column) }
        }
        guard !null.isEmpty,
            let index = resource.indexes.first(where: { Set($0.columns.prefix(fixed.count)) == fixed })
        else { return [] }
        let isDescending = list.order.first { !fixed.contains($0.column) }?.isDescending ?? false
        return index.columns.prefix(fixed.count).filter(null.contains).map {
            SortTerm($0, isDescending: isDescending)
        }
    }

    /// - Returns: its number.
    @discardableResult
    private mutating func add(_ parameter: SQLParameter) -> Int {
        parameters.append(parameter)
        return parameters.count
    }
}
