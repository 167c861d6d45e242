/// The header fields of a request, by name. Bytes that aren't UTF-8 are replaced by U+FFFD.
public struct RequestFields: Sendable {
    /// In the order in which they came.
    public private(set) var all: [(name: String, value: String)] = []

    public init() {}

    public mutating func append(_ name: String, _ value: String) {
        all.append((name, value))
    }

    /// The value of a field, whatever the case of its name. The values of several fields of a name are joined by `, ` (RFC 9110,
    /// section 5.2). Nil if there is none.
    public subscript(name: String) -> String? {
        let values = all.lazy.filter { Self.areSame($0.name, name) }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    private static func areSame(_ a: String, _ b: String) -> Bool {
        a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { lowercased($0) == lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }
}
