/// Why a text is no JSON, or not the JSON that was expected.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Of the byte at which it went wrong, counted from 0.
    public let offset: Int
    public let reason: String

    public init(offset: Int, _ reason: String) {
        self.offset = offset
        self.reason = reason
    }

    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSONError {
    /// What a text is that isn't UTF-8 from its first bytes on. JSON begins with ASCII, so zeros among these tell UTF-16 and
    /// UTF-32 (RFC 4627, section 3).
    static func otherEncoding(of text: UnsafeRawBufferPointer) -> String? {
        let first = Array(text.prefix(4))
        guard first.count > 1 else { return nil }
        // RFC 1952, section 2.3.1.
        if first.starts(with: [0x1F, 0x8B]) { return "it is compressed (gzip); send it uncompressed" }
        let zeros = first.count { $0 == 0 }
        let hasMark = first.starts(with: [0xFE, 0xFF]) || first.starts(with: [0xFF, 0xFE])
        guard hasMark || first[0] == 0 || first[1] == 0 else { return nil }
        let isUTF32 = zeros > 2 || (zeros == 2 && (hasMark || first[1] == first[0]))
        return "JSON must be UTF-8; this is \(isUTF32 ? "UTF-32" : "UTF-16")"
    }
}
