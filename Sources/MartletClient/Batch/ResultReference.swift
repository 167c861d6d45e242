/// A value that an operation of a batch gives, for a later operation of the same batch: `note.author = ada.id`.
public struct ResultReference<Value>: Sendable {
    let place: ResultPlace
}

/// Where in a batch's results a value is.
struct ResultPlace: Sendable, Equatable {
    let batch: Batch.ID
    /// The operation's number, from 0.
    let operation: Int
    let field: String

    /// What stands in a body, or at the end of a path, instead of the value.
    var json: String { "{\"$ref\":\"\(operation)/\(field)\"}" }
}
