import MartletKernel
import MartletModel

/// Where the next page of a list is: the same query with another cursor. Path-absolute, as `Location` is.
struct PageLink {
    let target: String

    /// - Parameters:
    ///   - next: ``Page/next``.
    ///   - query: as it came, without its cursor.
    init(to next: RowBatch, of list: ListRequest, at path: String, query: [UInt8]) {
        let rest = PercentEncoding.encode(query) { !Self.isExcludedFromURI($0) }
        target = "\(path)?\(rest)\(rest.isEmpty ? "" : "&")cursor=\(Cursor.encode(next, for: list))"
    }

    /// Of the characters of a request's target, those that a URI can't have in its query (RFC 3986, section 3.4): the server
    /// takes them as they are, a link between `<` and `>` can't.
    private static func isExcludedFromURI(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "["), UInt8(ascii: "\\"),
            UInt8(ascii: "]"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"),
            UInt8(ascii: "}"):
            true
        default: false
        }
    }
}
