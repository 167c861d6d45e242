/// A resource at run time: the one form that storages, JSON, OpenAPI and transports see, however it was declared.
///
/// Immutable, and a class because every request passes it on: that costs one reference count, not one for each field.
public final class ResourceSchema: Sendable {
    /// The resource's name: its path, its table, and what messages call it.
    public let name: String
    /// In the order that records are written in.
    public let fields: [FieldSchema]
    /// Where the key is in ``fields``.
    public let keyIndex: Int
    /// The column of each field's name.
    public let indexByName: [String: Int]
    /// The fields' names in UTF-8, for the JSON reader.
    let nameBytes: [[UInt8]]
    /// What the JSON writer puts before each value, in one piece: `"id":"name":…`
    let jsonNames: [UInt8]
    /// Where each field's part of ``jsonNames`` ends.
    let jsonNameEnds: [Int]

    /// - Throws: ``SchemaError`` for a bad or reserved name, a doubled field, or no single key.
    public init(_ name: String, _ fields: [FieldSchema]) throws(SchemaError) {
        guard Self.isName(name) else {
            throw SchemaError(
                "\"\(name)\" is no resource name: a lower-case letter, then lower-case letters, digits, - or _, 63 at the most"
            )
        }
        guard !Self.reservedNames.contains(name), !name.hasPrefix("martlet_") else {
            throw SchemaError("\(name): this name is reserved")
        }
        var indexByName: [String: Int] = [:]
        for (index, field) in fields.enumerated() {
            guard indexByName.updateValue(index, forKey: field.name) == nil else {
                throw SchemaError("\(name).\(field.name) is declared twice")
            }
        }
        let keys = fields.indices.filter { fields[$0].key != nil }
        guard keys.count == 1 else { throw SchemaError("\(name) needs one key, not \(keys.count)") }
        self.name = name
        self.fields = fields
        self.keyIndex = keys[0]
        self.indexByName = indexByName
        self.nameBytes = fields.map { Array($0.name.utf8) }
        var (jsonNames, jsonNameEnds): ([UInt8], [Int]) = ([], [])
        for field in fields {
            jsonNames += "\"\(field.name)\":".utf8
            jsonNameEnds.append(jsonNames.count)
        }
        (self.jsonNames, self.jsonNameEnds) = (jsonNames, jsonNameEnds)
    }

    /// First path segments that the server itself answers.
    public static let reservedNames: Set<String> = [
        "batch", "docs", "openapi.json", "health", "metrics", "auth", "admin", "changes",
    ]

    public var key: FieldSchema { fields[keyIndex] }

    /// The key of a row that a storage returned; nil when the row has none (yet).
    public func key(ofRow row: Int, in rows: RowBatch) -> Key? {
        rows[row, keyIndex].integer.map(Key.integer)
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (1...63).contains(name.utf8.count) else { return false }
        return isLowerCase(first)
            && name.utf8.allSatisfy {
                isLowerCase($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }
}
