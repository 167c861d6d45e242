/// What a field holds. Each has one meaning on the wire, in Swift and in every database.
public enum ValueType: String, Sendable, CaseIterable {
    /// `Int64`; a JSON number in any notation whose value is integral.
    case integer
    /// Unicode text without U+0000.
    case string
}
