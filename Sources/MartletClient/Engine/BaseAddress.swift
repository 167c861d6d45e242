import CCurl

/// The URL that a client was made with: a server, and the path that everything lies under.
struct BaseAddress: Sendable {
    private let origin: Origin
    /// Without a slash at its end.
    let path: String

    init(_ text: String) throws(MartletError) {
        guard let url = CurlURL(text), let origin = Origin(url) else {
            throw .invalidRequest(
                "\(text.debugDescription) is no server's URL: it needs http:// or https:// and a host")
        }
        for (part, name) in [
            (CURLUPART_USER, "a user's name; send an Authorization header instead"),
            (CURLUPART_PASSWORD, "a password; send an Authorization header instead"),
            (CURLUPART_QUERY, "a query"), (CURLUPART_FRAGMENT, "a fragment"),
        ] where url[part] != nil {
            throw .invalidRequest("the server's URL must not have \(name)")
        }
        var path = url[CURLUPART_PATH] ?? ""
        while path.hasSuffix("/") { path.removeLast() }
        self.origin = origin
        self.path = path
    }

    /// Whether the server is on this machine by its name: 127.0.0.0/8, ::1 (RFC 1122, RFC 4291) or `localhost` (RFC 6761).
    var isLoopback: Bool {
        let host = origin.host
        return host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
            || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (48...57).contains($0) }
    }

    /// The URL of a path below this one.
    /// - Throws: ``MartletError/invalidRequest(_:)`` for one that isn't percent-encoded or doesn't begin with a slash.
    func url(of target: String) throws(MartletError) -> String {
        guard target.hasPrefix("/"), target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else {
            throw .invalidRequest("\(target.debugDescription) is no path: it begins with / and is percent-encoded")
        }
        return origin.text + path + target
    }

    /// What a link of the answer from `url` points at (RFC 3986, section 5); nil when that is no URL or is not on this
    /// server: a header with a secret must not go elsewhere.
    func resolve(_ reference: String, from url: String) -> String? {
        // Such a reference means the same document (section 4.4); libcurl 7.88.1 drops the path for it.
        if reference.isEmpty || reference.hasPrefix("#") { return url }
        guard let target = CurlURL(url), target.follow(reference), Origin(target) == origin,
            target[CURLUPART_USER] == nil, target[CURLUPART_PASSWORD] == nil
        else { return nil }
        target.removeFragment()
        return target[CURLUPART_URL]
    }
}

/// Scheme, host and port (RFC 6454).
private struct Origin: Equatable, Sendable {
    let scheme: String
    /// In lower case; an IPv6 address in its brackets.
    let host: String
    let port: String

    init?(_ url: CurlURL) {
        guard let scheme = url[CURLUPART_SCHEME], scheme == "http" || scheme == "https",
            let host = url[CURLUPART_HOST], !host.isEmpty, let port = url[CURLUPART_PORT], url[CURLUPART_ZONEID] == nil
        else { return nil }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
    }

    var text: String { "\(scheme)://\(host):\(port)" }
}
