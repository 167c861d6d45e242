import MartletModel

/// One operation of a random sequence.
enum RandomStep: Sendable {
    case read(RandomResource, RecordName)
    case page(RandomResource, after: RecordName?, limit: Int)
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
        case .transaction(let transaction): "\(transaction)"
        case .replay(let transaction): "replay \(transaction)"
        }
    }
}
