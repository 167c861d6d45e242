/// The header fields of an answer, taken line by line as libcurl hands them over.
struct ResponseHead {
    /// The most bytes that all header lines of a transfer may have together: 7.88.1 has no limit of its own.
    static let maxSize = 256 << 10

    private(set) var fields = HeaderFields()
    private var size = 0
    /// The empty line has come that ends the header fields.
    private(set) var isComplete = false

    /// - Returns: false when there are too many.
    mutating func take(_ line: UnsafeRawBufferPointer) -> Bool {
        size += line.count
        guard size <= Self.maxSize else { return false }
        if line.starts(with: "HTTP/".utf8) {
            // Another answer begins: what came before was an interim one (1xx).
            fields = HeaderFields()
            isComplete = false
        } else if line.allSatisfy({ $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
            isComplete = true
        } else if !isComplete, let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            // Lines after the head are trailers, which are not the answer's header fields (RFC 9110, section 6.5.1).
            fields.append(text(line[..<colon]), text(line[(colon + 1)...]))
        }
        return true
    }

    private func text(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
        let isSpace = { (byte: UInt8) in isBlank(byte) || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") }
        let start = bytes.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: start[start.startIndex..<end], as: UTF8.self)
    }
}
