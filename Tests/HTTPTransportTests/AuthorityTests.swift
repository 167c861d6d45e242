import Testing

@testable import HTTPTransport

/// What names whom a request is for (RFC 9112, section 3.2; RFC 3986, section 3.2).
struct AuthorityTests {
    static let valid = [
        "x", "example.org", "EXAMPLE.org:80", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000", "[2001:db8::7]:0",
        "[::ffff:1.2.3.4]", "[v1.a:b]", "a_b", "a-b.c~d", "a%20b", "a!$&'()*+,;=b", "x:", "x:65535", "999.999.999.999",
    ]
    static let invalid = [
        "", ":", ":80", "user@x", "user:password@x", "@x", "x@", "x:80a", "x:-1", "x:65536", "x:99999999999999999999",
        "x:1:2", "::1", "[::1", "::1]", "[]", "[]:80", "[x]", "[::1]x", "[::1]80", "[::1]:x", "[::1]]", "[[::1]]",
        "[1.2.3.4]",
        "[::1%25eth0]", "[:::1]", "[12345::]", "[v.a]", "[v1]", "[v1.]", "[vg.a]", "a[b]", "x]", "x y", "x\ty", "x,y z",
        "x/", "x/y", "x?y", "x#y", "x\\y", "a%", "a%2", "a%zz", "a\"b", "<x>", "x|y", "x^y", "x`y", "{x}", "é",
        "http://x",
        "[" + String(repeating: "0:", count: 30) + "]",
    ]

    private static func isValid(_ text: String) -> Bool {
        Array(text.utf8).withUnsafeBytes { Authority.isValid($0) }
    }

    @Test(arguments: valid) func `a host with or without a port is an authority`(text: String) {
        #expect(Self.isValid(text))
    }

    @Test(arguments: invalid) func `nothing else is one`(text: String) {
        #expect(!Self.isValid(text))
    }

    @Test func `a request for what is no authority is malformed, in either form`() async throws {
        try await TestServer.run { server throws in
            for authority in Self.invalid where !authority.contains("\t") && !authority.isEmpty {
                let requests = [
                    "GET /users HTTP/1.1\r\nHost: \(authority)\r\n\r\n",
                    "GET /users HTTP/1.0\r\nHost: \(authority)\r\n\r\n",
                    "GET http://\(authority)/users HTTP/1.1\r\nHost: x\r\n\r\n",
                ]
                // Before a path or a query begins, `x/` and `x?y` have an authority.
                let hasPath = authority.hasPrefix("x/") || authority.hasPrefix("x?") || authority == "http://x"
                for request in requests.prefix(hasPath ? 2 : 3) {
                    let answers = try server.answers(to: request)
                    #expect(answers.map(\.problemCode) == ["bad_request"], "\(request)")
                    #expect(answers.first?["Connection"] == "close")
                }
            }
            // Host is empty for a target without an authority (RFC 9112, section 3.2); a URI with `http://` has one.
            #expect(try server.answers(to: "GET /users HTTP/1.1\r\nHost:\r\n\r\n").map(\.status) == [200])
            #expect(try server.answers(to: "GET http:///users HTTP/1.1\r\nHost:\r\n\r\n").map(\.status) == [400])
            for authority in Self.valid {
                let request = "GET /users HTTP/1.1\r\nHost: \(authority)\r\n\r\n"
                let absolute = "GET http://\(authority)/users HTTP/1.1\r\nHost: other\r\n\r\n"
                #expect(try server.answers(to: request + absolute).map(\.status) == [200, 200], "\(authority)")
            }
        }
    }

    @Test(arguments: [
        ("OPTIONS", "http://x", 204), ("OPTIONS", "HTTPS://x:80", 204), ("OPTIONS", "http://x/", 404),
        ("GET", "http://x", 404), ("GET", "http://x?limit=1", 404),
        ("GET", "http://?x", 400),
        ("GET", "http://", 400), ("OPTIONS", "http://", 400), ("OPTIONS", "*", 204), ("GET", "*", 400),
        ("OPTIONS", "*?x", 400),
    ])
    func `a target of the absolute form may have no path`(method: String, target: String, status: Int) async throws {
        try await TestServer.run { server throws in
            let answers = try server.answers(to: "\(method) \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answers.map(\.status) == [status])
            if status == 204 { #expect(answers.first?["Allow"]?.contains("PATCH") == true) }
        }
    }
}
