import MartletKernel
import MartletModel

/// Which filters and sorts of a resource an index serves, for `martlet check --queries`.
struct ServedQueries {
    private let resource: ResourceSchema

    init(_ resource: ResourceSchema) {
        self.resource = resource
    }

    /// Rows of a query, its index, and what else the query may say.
    var served: [[String]] {
        resource.indexes.filter { $0.columns.allSatisfy(isShown) }.flatMap { index in
            few(by: index) + (0...index.columns.count).compactMap { ordered(by: index, fixing: $0) }
        }
    }

    /// What no index serves by itself; nil when there is nothing.
    var unserved: String? {
        let shown = resource.fields.indices.filter(isShown)
        let filters = shown.filter {
            resource.fields[$0].filterOperators.contains(.equal) && !isBounded(equal: [$0], sort: [])
        }.map(name)
        let sorts = shown.filter { resource.fields[$0].isSortable && !isBounded(equal: [], sort: [$0]) }.map(name)
        let parts = [("filters by", filters), ("sorts by", sorts)].filter { !$0.1.isEmpty }
        return parts.isEmpty ? nil : parts.map { "\($0.0) \($0.1.joined(separator: ", "))" }.joined(separator: "; ")
    }

    static let explanation = [
        "sort=x is also sort=-x. A range is .lt, .lte, .gt and .gte, of texts also .like=x*. A pattern with a * before its"
            + " end is served by none.",
        "Other queries may look at every record. They are done beside all others, under a deadline, and logged when they"
            + " have looked at many.",
    ]

    /// Values that one record has at the most.
    private func few(by index: ResourceIndex) -> [[String]] {
        guard index.isUnique else { return [] }
        var queries = [index.columns.map { "\(name($0))=…" }.joined(separator: "&")]
        if index.columns.count == 1 {
            queries.append("\(name(index.columns[0])).in=…")
            if index.isIgnoringCase { queries.append("\(name(index.columns[0])).ilike=…") }
        }
        return [[queries.joined(separator: ", "), description(of: index), "and any other filter and sort"]]
    }

    /// The first columns of an index with one value each, sorted by those behind them.
    private func ordered(by index: ResourceIndex, fixing count: Int) -> [String]? {
        let (equal, sort) = (Array(index.columns.prefix(count)), Array(index.columns.dropFirst(count)))
        guard !index.isIgnoringCase, !(index.isUnique && sort.isEmpty), isBounded(equal: equal, sort: sort) else {
            return nil
        }
        let filter = equal.map { "\(name($0))=…" }.joined(separator: "&")
        let order = sort.isEmpty ? "" : "sort=" + sort.map(name).joined(separator: ",")
        let query = filter.isEmpty || order.isEmpty ? filter + order : "\(filter)&\(order)"
        let next = sort.first ?? resource.keyIndex
        let hasRanges = resource.fields[next].filterOperators.contains(.less)
        return [query, description(of: index)] + (hasRanges ? ["and a range of \(name(next))"] : [])
    }

    private func isBounded(equal: [Int], sort: [Int]) -> Bool {
        var value = RowBatch(width: 1)
        // Whatever it is: the index that serves a comparison serves it with every value.
        value.append(.integer(0))
        let filter = Filter(equal.map { [FilterTerm($0, .compare(.equal, value: value))] })
        let order = resource.totalOrder(sort.map { SortTerm($0) })
        return Query(resource, .list(Query.List(filter, order: order, limit: 1))).isBounded
    }

    /// A field that is only written can't be asked for.
    private func isShown(_ column: Int) -> Bool {
        !resource.fields[column].isWriteOnly
    }

    private func name(_ column: Int) -> String {
        resource.fields[column].name
    }

    private func description(of index: ResourceIndex) -> String {
        if index.columns == [resource.keyIndex] { return "key" }
        let names = index.columns.map(name).joined(separator: ", ")
        let kind = index.isUnique ? "unique" : "index"
        return "\(kind) (\(names))" + (index.isIgnoringCase ? " ignoring case" : "")
    }
}
