import MartletKernel
import MartletModel

/// One operation of a random sequence.
enum RandomStep: Sendable {
    case read(RandomResource, RecordName)
    case page(RandomResource, after: RecordName?, limit: Int)
    /// Numbers stand for keys that a storage gives.
    case list(RandomResource, Query.List)
    case count(RandomResource, Filter)
    case transaction(RandomTransaction)
    /// What is known of a transaction that may have been committed.
    case replay(RandomTransaction)

    /// Whether it may change something.
    var isTransaction: Bool {
        if case .transaction = self { true } else { false }
    }
}

extension RandomStep: CustomStringConvertible {
    var description: String {
        switch self {
        case .read(let resource, let name): "read \(resource.schema.name) \(name)"
        case .page(let resource, let after, let limit):
            "page of \(limit) \(resource.schema.name)" + (after.map { " behind \($0)" } ?? "")
        case .list(let resource, let list):
            "list of \(list.limit) \(resource.schema.name) by \(text(list.order))"
                + (list.after.map { " behind \($0)" } ?? "") + text(list.filter)
                + (list.columns.map { " columns \($0)" } ?? "")
        case .count(let resource, let filter): "count of \(resource.schema.name)\(text(filter))"
        case .transaction(let transaction): "\(transaction)"
        case .replay(let transaction): "replay \(transaction)"
        }
    }

    private func text(_ order: [SortTerm]) -> String {
        order.map { ($0.isDescending ? "-" : "") + "\($0.column)" }.joined(separator: ",")
    }

    private func text(_ filter: Filter) -> String {
        let clauses = filter.clauses.map { clause in
            clause.map { "\($0.column) \($0.condition)" }.joined(separator: " or ")
        }
        return clauses.isEmpty ? "" : " where (" + clauses.joined(separator: ") and (") + ")"
    }
}
