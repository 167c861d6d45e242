import MartletKernel
import MartletModel

/// Where the next page of a list is: the same query with another cursor. Path-absolute, as `Location` is.
struct PageLink {
    let target: String

    /// - Parameters:
    ///   - next: ``Page/next``.
    ///   - query: as it came, without its cursor.
    init(to next: RowBatch, of list: ListRequest, at path: String, query: [UInt8]) {
        var target = Array(path.utf8)
        target.append(UInt8(ascii: "?"))
        for byte in query { target.append(uri: byte) }
        if !query.isEmpty { target.append(UInt8(ascii: "&")) }
        target += "cursor=".utf8
        target += Cursor.encode(next, for: list).utf8
        self.target = String(decoding: target, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Adds a character of a request's target, percent-encoded if a URI can't have it in its query (RFC 3986, section 3.4):
    /// the server takes it as it is, a link between `<` and `>` can't.
    fileprivate mutating func append(uri byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "\\"),
            UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"),
            UInt8(ascii: "}"):
            self += "%\(String(byte, radix: 16, uppercase: true))".utf8
        default: append(byte)
        }
    }
}
