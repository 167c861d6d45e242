import MartletModel

/// A request's target in its parts (RFC 9112, section 3.2).
struct RequestTarget {
    /// `*`: the server as a whole, for OPTIONS.
    let isServer: Bool
    /// Starts with `/`; percent-encoded as it came.
    let path: UnsafeRawBufferPointer
    let query: UnsafeRawBufferPointer?

    init(_ target: UnsafeRawBufferPointer, for method: HTTPMethod) throws(Rejection) {
        guard let start = method == .options && target.equals("*") ? target.count : Self.startOfPath(in: target) else {
            throw .malformed("The request's target must be a path.")
        }
        let mark = target.next(UInt8(ascii: "?"), from: start)
        query = mark.map { target.slice(from: $0 + 1) }
        let path = target.slice(start..<(mark ?? target.count))
        // `OPTIONS http://example.org` is about the server too (RFC 9112, section 3.2.4). Otherwise no path is `/`
        // (RFC 9110, section 4.2.3).
        isServer = method == .options && start == target.count
        self.path = path.isEmpty ? Self.root : path
    }

    private static var root: UnsafeRawBufferPointer {
        let text: StaticString = "/"
        return UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// 0, or in the absolute form, which a server has to take too, the index after `http://authority`.
    private static func startOfPath(in target: UnsafeRawBufferPointer) -> Int? {
        if target.first == UInt8(ascii: "/") { return 0 }
        for scheme in ["http://", "https://"] as [StaticString] {
            let length = scheme.utf8CodeUnitCount
            guard target.count > length, target.slice(0..<length).equalsIgnoringCase(scheme) else { continue }
            let rest = target.slice(from: length)
            let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.count
            return Authority.isValid(rest.slice(0..<end)) ? length + end : nil
        }
        return nil
    }
}
