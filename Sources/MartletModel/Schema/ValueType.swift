/// What a field holds. Each has one meaning on the wire, in Swift and in every database.
public enum ValueType: String, Sendable, CaseIterable {
    /// `Int64`; a JSON number in any notation whose value is integral.
    case integer
    /// `Double`, finite. The text that comes out is the shortest that reads back as the same value.
    case number
    /// Unicode text without U+0000.
    case string
    /// `Bool`.
    case boolean
    /// ``Timestamp``: an instant, to the microsecond. RFC 3339 in JSON.
    case timestamp
    /// ``CalendarDate``: a day. `YYYY-MM-DD` in JSON.
    case date
    /// `UUID`. Any case comes in, lower case goes out.
    case uuid
    /// `[UInt8]`. Base64 with padding in JSON.
    case bytes
    /// ``JSONValue``: any JSON but null, which means that the field is null. Kept in canonical form.
    case json
    /// One of a list of strings.
    case enumeration
}
