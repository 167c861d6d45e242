/// The field Idempotency-Key: 1 to 255 printable ASCII characters, bare or in quotes (a string of RFC 8941, section 3.3.3).
enum IdempotencyKey {
    /// What a value has to be.
    static let form = "must be 1 to 255 printable ASCII characters, in quotes or without"

    /// - Returns: the key without its quotes; nil for a value that is none.
    static func read(_ value: UnsafeRawBufferPointer) -> String? {
        let isQuoted = value.first == UInt8(ascii: "\"")
        guard isQuoted ? value.quotedStringLength == value.count : true else { return nil }
        var key: [UInt8] = []
        var index = isQuoted ? 1 : 0
        let end = isQuoted ? value.count - 1 : value.count
        while index < end {
            if isQuoted, value[index] == UInt8(ascii: "\\") {
                index += 1
                // Nothing else is escaped: two keys that differ must not become one.
                guard value[index] == UInt8(ascii: "\"") || value[index] == UInt8(ascii: "\\") else { return nil }
            }
            key.append(value[index])
            index += 1
        }
        guard (1...255).contains(key.count), key.allSatisfy({ 0x20...0x7E ~= $0 }) else { return nil }
        return String(decoding: key, as: UTF8.self)
    }
}
