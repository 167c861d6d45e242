public import FoundationEssentials
public import MartletModel

/// What a record's key is in Swift: an integer, a `String`, a `UUID`, or a `Key` for code that serves any resource.
public protocol KeyValue: Sendable {
    /// The key that it spells.
    var recordKey: Key { get }
}

extension Int64: KeyValue {
    public var recordKey: Key { .integer(self) }
}

/// So that a literal is a key: `users.get(1)`.
extension Int: KeyValue {
    public var recordKey: Key { .integer(Int64(self)) }
}

extension String: KeyValue {
    public var recordKey: Key { .string(self) }
}

extension UUID: KeyValue {
    public var recordKey: Key { .uuid(self) }
}

extension Key: KeyValue {
    public var recordKey: Key { self }
}

extension ResourceSchema {
    /// The path of a record below the server's URL.
    /// - Throws: ``MartletError/invalidRequest(_:)`` for a key that no record of the resource has.
    func path(to key: Key) throws(MartletError) -> String {
        let isOfItsType =
            switch (key, self.key.type) {
            case (.integer, .integer), (.uuid, .uuid): true
            // An empty segment would make it another path.
            case (.string(let text), .string): !text.isEmpty
            default: false
            }
        guard isOfItsType else {
            throw .invalidRequest("\"\(key)\" is no key of \(name): its type is \(self.key.type)")
        }
        return "/\(name)/\(key.pathSegment)"
    }
}
