import MartletModel

/// A place in a list, as clients see it: opaque, and bound by a checksum to the list that it was made for.
///
/// The checksum catches a cursor of another resource or order, and one that was cut or mistyped. It is no signature: a
/// cursor grants nothing that its list doesn't.
enum Cursor {
    private static let version: UInt8 = 1
    private static let checksumLength = 4

    static func encode(_ key: Key, of schema: ResourceSchema) -> String {
        let text = Array(key.description.utf8)
        return Base64URL.encode([version] + checksum(text, schema) + text)
    }

    /// The key behind which the list goes on; nil for a cursor that isn't one of this list.
    static func decode(_ cursor: String, of schema: ResourceSchema) -> Key? {
        guard let bytes = Base64URL.decode(cursor), bytes.count > checksumLength + 1, bytes[0] == version else {
            return nil
        }
        let text = Array(bytes[(checksumLength + 1)...])
        guard Array(bytes[1...checksumLength]) == checksum(text, schema) else { return nil }
        return Key(String(decoding: text, as: UTF8.self), for: schema)
    }

    /// FNV-1a over the list (its resource, its order) and the place in it.
    private static func checksum(_ key: [UInt8], _ schema: ResourceSchema) -> [UInt8] {
        var hash: UInt32 = 0x811C_9DC5
        for byte in Array(schema.name.utf8) + [0] + Array(schema.key.name.utf8) + [0] + key {
            hash = (hash ^ UInt32(byte)) &* 0x0100_0193
        }
        return (0..<checksumLength).map { UInt8(truncatingIfNeeded: hash >> UInt32($0 * 8)) }
    }
}
