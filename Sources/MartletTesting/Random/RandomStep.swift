import MartletKernel
import MartletModel

/// One operation of a random sequence.
enum RandomStep: Sendable {
    case read(RecordName)
    case page(after: RecordName?, limit: Int)
    case transaction([RandomChange])
}

/// One change of a transaction. What a row leaves absent, an update keeps.
enum RandomChange: Sendable {
    case insert(RecordName, RowBatch)
    case update(RecordName, RowBatch)
    case delete(RecordName)
}

/// What a sequence calls a record, before any storage gave it a key.
struct RecordName: Hashable, Sendable {
    let number: Int64
}

extension RecordName: CustomStringConvertible {
    var description: String { "#\(number)" }
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

extension RandomChange: CustomStringConvertible {
    var description: String {
        switch self {
        case .insert(let name, let row): "insert \(name) \(row)"
        case .update(let name, let row): "update \(name) \(row)"
        case .delete(let name): "delete \(name)"
        }
    }
}
