import MartletKernel
import MartletModel

/// A list that was asked for. A class, because a request passes it on several times: that costs one reference count.
final class PlannedList: Sendable {
    let resource: ServedResource
    let request: ListRequest
    /// The query as it came, without its cursor.
    private let query: [UInt8]

    init(_ query: ListQuery) {
        resource = query.resource
        request = query.request
        self.query = query.rest
    }

    /// Where the next page is: the same query with another cursor. Path-absolute, as `Location` is.
    func target(after next: RowBatch) -> String {
        var target = Array(resource.path.utf8)
        target.append(UInt8(ascii: "?"))
        for byte in query { target.append(uri: byte) }
        if !query.isEmpty { target.append(UInt8(ascii: "&")) }
        target += "cursor=".utf8
        target += Cursor.encode(next, for: request).utf8
        return String(decoding: target, as: UTF8.self)
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
