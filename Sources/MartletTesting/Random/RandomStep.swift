/// One operation of a random sequence.
enum RandomStep: Sendable {
    case read(RecordName)
    case page(after: RecordName?, limit: Int)
    case transaction([RandomChange])
}

extension RandomStep: CustomStringConvertible {
    var description: String {
        switch self {
        case .read(let name): "read \(name)"
        case .page(let after, let limit): "page of \(limit)" + (after.map { " behind \($0)" } ?? "")
        case .transaction(let changes): changes.map { "\($0)" }.joined(separator: "; ")
        }
    }
}
