/// The header fields of a request, for what asks for one by its name. Bytes that aren't UTF-8 are replaced by U+FFFD.
struct RequestFields: Sendable {
    /// In the order in which they came.
    private(set) var all: [(name: String, value: String)] = []

    mutating func append(_ name: String, _ value: String) {
        all.append((name, value))
    }

    /// The value of a field, whose name may be in any case. Several fields of a name are one list (RFC 9110, section 5.3).
    subscript(name: String) -> String? {
        let values = all.lazy.filter { Self.areSame($0.name, name) }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    private static func areSame(_ a: String, _ b: String) -> Bool {
        a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { $0.lowercased == $1.lowercased }
    }
}
