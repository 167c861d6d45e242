public import MartletModel

/// A record as the server has it, and the version that it has there.
///
/// It is what keeps two people from overwriting each other: a change that is given one is refused with
/// `precondition_failed` when someone else was faster.
///
/// ```swift
/// var ada = try await users.fetch(1)
/// ada.name = "Ada Lovelace"                // the record's fields are its own
/// ada = try await users.replace(ada)       // only if nobody has changed her since
/// ```
@dynamicMemberLookup
public struct Stored<M: Model>: Sendable {
    public var record: M
    /// Of the version that ``record`` was when it was read.
    public let etag: EntityTag

    /// For a tag that was kept elsewhere, such as in a form.
    public init(_ record: M, etag: EntityTag) {
        self.record = record
        self.etag = etag
    }

    public subscript<Value>(dynamicMember path: KeyPath<M, Value>) -> Value {
        record[keyPath: path]
    }

    public subscript<Value>(dynamicMember path: WritableKeyPath<M, Value>) -> Value {
        get { record[keyPath: path] }
        set { record[keyPath: path] = newValue }
    }
}

extension Stored: Equatable where M: Equatable {}
