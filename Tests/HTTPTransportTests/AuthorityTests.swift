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
            for authority in Self.invalid where !authority.contains("\t") {
                let requests = [
                    "GET /users HTTP/1.1\r\nHost: \(authority)\r\n\r\n",
                    "GET /users HTTP/1.0\r\nHost: \(authority)\r\n\r\n",
                    "GET http://\(authority)/users HTTP/1.1\r\nHost: x\r\n\r\n",
                ]
                // Before a path begins, `x/` and `x/y` are an authority.
                for request in requests.prefix(authority.hasPrefix("x/") || authority == "http://x" ? 2 : 3) {
                    let answers = try server.answers(to: request)
                    #expect(answers.map(\.problemCode) == ["bad_request"], "\(request)")
                    #expect(answers.first?["Connection"] == "close")
                }
            }
            for authority in Self.valid {
                let request = "GET /users HTTP/1.1\r\nHost: \(authority)\r\n\r\n"
                let absolute = "GET http://\(authority)/users HTTP/1.1\r\nHost: other\r\n\r\n"
                #expect(try server.answers(to: request + absolute).map(\.status) == [200, 200], "\(authority)")
            }
        }
    }
}
