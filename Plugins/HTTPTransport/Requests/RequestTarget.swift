import MartletModel

/// A request's target in its parts (RFC 9112, section 3.2).
struct RequestTarget {
    /// `*`: the server as a whole, for OPTIONS.
    let isServer: Bool
    /// Starts with `/`; percent-encoded as it came.
    let path: UnsafeRawBufferPointer
    let query: UnsafeRawBufferPointer?

    init(_ target: UnsafeRawBufferPointer, for method: HTTPMethod) throws(Rejection) {
        if method == .options, target.equals("*") {
            (isServer, path, query) = (true, target, nil)
            return
        }
        guard let start = Self.startOfPath(in: target) else {
            throw .malformed("The request's target must be a path.")
        }
        let mark = target.next(UInt8(ascii: "?"), from: start)
        isServer = false
        query = mark.map { target.slice(from: $0 + 1) }
        path = target.slice(start..<(mark ?? target.count))
    }

    /// 0, or in the absolute form, which a server has to take too, what comes after `http://authority`.
    private static func startOfPath(in target: UnsafeRawBufferPointer) -> Int? {
        if target.first == UInt8(ascii: "/") { return 0 }
        for scheme in ["http://", "https://"] as [StaticString] {
            let length = scheme.utf8CodeUnitCount
            guard target.count > length, target.slice(0..<length).equalsIgnoringCase(scheme) else { continue }
            guard let path = target.next(UInt8(ascii: "/"), from: length), path > length,
                Authority.isValid(target.slice(length..<path))
            else { return nil }
            return path
        }
        return nil
    }
}
