/// Which version of a record an answer showed: what its `ETag` header said, quotes included (RFC 9110, section 8.8.3).
///
/// It is opaque: keep it, compare it, send it back. As text it can be stored beside a form and become a tag again.
public struct EntityTag: RawRepresentable, Hashable, Sendable {
    /// As the header has it, such as `"7-1f3a9c02"` with its quotes.
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Matches every version of a record that is there: for a resource that asks for a precondition, when you have
    /// none.
    public static let any = EntityTag(rawValue: "*")
}

extension EntityTag: CustomStringConvertible {
    public var description: String { rawValue }
}
