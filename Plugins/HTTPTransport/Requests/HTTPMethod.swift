/// A request's method, if it is one that HTTP knows (RFC 9110, section 9, RFC 5789, and QUERY, which OpenAPI 3.2 knows too).
/// They are case-sensitive.
enum HTTPMethod: Sendable {
    case get, head, post, put, patch, delete, options, connect, trace, query
    /// A well-formed one that HTTP doesn't know.
    case unknown

    init(_ token: UnsafeRawBufferPointer) {
        self =
            switch token.count {
            case 3 where token.equals("GET"): .get
            case 3 where token.equals("PUT"): .put
            case 4 where token.equals("POST"): .post
            case 4 where token.equals("HEAD"): .head
            case 5 where token.equals("PATCH"): .patch
            case 5 where token.equals("TRACE"): .trace
            case 5 where token.equals("QUERY"): .query
            case 6 where token.equals("DELETE"): .delete
            case 7 where token.equals("OPTIONS"): .options
            case 7 where token.equals("CONNECT"): .connect
            default: .unknown
            }
    }

    /// It asks for nothing but reading (RFC 9110, section 9.2.1).
    var isSafe: Bool { self == .get || self == .head || self == .options }

    var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .query: "QUERY"
        case .unknown: "-"
        }
    }
}
