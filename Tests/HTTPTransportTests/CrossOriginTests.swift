import MartletKernel
import MartletModel
import Testing

@testable import HTTPTransport

/// Pages of other origins (CORS).
struct CrossOriginTests {
    private static let origin = "https://app.example.org"

    private static func names(_ answer: RawAnswer) -> [String] {
        answer.fields.map(\.name).filter { $0.hasPrefix("Access-Control-") }
    }

    @Test func `without origins nothing is said`() async throws {
        try await TestServer.run { server throws in
            let preflight = [
                "Origin: \(Self.origin)", "Access-Control-Request-Method: PATCH",
            ]
            for request in [
                Requests.get("/users", "Origin: \(Self.origin)"), Requests.bare("OPTIONS", "/users/1", preflight),
                Requests.get("/nothing", "Origin: \(Self.origin)"),
            ] {
                let answer = try server.answer(to: request)
                #expect(Self.names(answer).isEmpty)
                #expect(answer["Vary"] == "Accept, Prefer")
            }
        }
    }

    /// Requests that are answered in every way, from the first byte on.
    private static func requests(_ fields: [String]) -> [(String, Int)] {
        let head = fields.map { "\($0)\r\n" }.joined()
        func request(_ line: String, _ more: String = "") -> String {
            "\(line) HTTP/1.1\r\nHost: x\r\n\(head)\(more)\r\n"
        }
        return [
            (request("GET /users"), 200), (request("GET /users/1"), 200), (request("HEAD /users"), 200),
            (request("GET /users/1", "If-None-Match: *\r\n"), 304), (request("GET /users/9"), 404),
            (request("GET /nothing"), 404), (request("GET /users?x=1"), 400), (request("PATCH /users"), 405),
            (request("BREW /users"), 501), (request("GET /us%ZZ"), 400), (request("OPTIONS /users"), 204),
            (request("POST /users", "Content-Type: application/json\r\nContent-Length: 99999999\r\n"), 413),
            (request("POST /users"), 415),
            (request("GET /health/live"), 200), (request("GET /openapi.json"), 200),
            (request("GET /users", "Broken\r\n"), 400), (request("GET /users", "A: \(long)\r\n"), 431),
            (request("GET /users", "Content-Length: 1\r\nContent-Length: 1\r\n"), 400),
        ]
    }

    private static let long = String(repeating: "x", count: 9000)

    @Test func `an allowed origin may read every answer`() async throws {
        try await TestServer.run {
            $0.allowedOrigins = "http://localhost:5173, \(Self.origin)"
        } _: { server throws in
            try server.fill()
            for (request, status) in Self.requests(["Origin: \(Self.origin)"]) {
                let answer = try server.answer(to: request)
                #expect(answer.status == status, "\(request)")
                #expect(answer["Access-Control-Allow-Origin"] == Self.origin, "\(request)")
                #expect(answer["Access-Control-Allow-Credentials"] == nil)
                let exposed = answer["Access-Control-Expose-Headers"] ?? ""
                for name in [
                    "Link", "ETag", "Location", "X-Total-Count", "X-Request-Id", "Retry-After", "Preference-Applied",
                ] { #expect(exposed.split(separator: ", ").contains { $0 == name }) }
                #expect(answer["Vary"]?.hasSuffix("Origin") == true)
            }
            server.storage.fail(with: .overloaded)
            let busy = try server.answer(to: Requests.get("/users", "Origin: http://localhost:5173"))
            #expect(busy.status == 503 && busy["Access-Control-Allow-Origin"] == "http://localhost:5173")
        }
    }

    @Test func `others get no such field, and every answer says that it varies`() async throws {
        try await TestServer.run {
            $0.allowedOrigins = Self.origin
        } _: { server throws in
            try server.fill()
            let others = [
                [], ["Origin: https://app.example.org.evil.test"], ["Origin: null"],
                ["Origin: HTTPS://app.example.org"],
                ["Origin: https://app.example.org/"], ["Origin: \(Self.origin)", "Origin: \(Self.origin)"], ["Origin:"],
                ["Origin: *"], ["Origin: \(Self.origin), \(Self.origin)"], ["Origin: http://app.example.org"],
            ]
            for fields in others {
                for (request, status) in Self.requests(fields) {
                    let answer = try server.answer(to: request)
                    #expect(answer.status == status, "\(request)")
                    #expect(Self.names(answer).isEmpty, "\(request)")
                    #expect(answer["Vary"]?.hasSuffix("Origin") == true, "\(request)")
                }
            }
        }
    }

    @Test func `a browser that asks first learns what it may send`() async throws {
        try await TestServer.run {
            $0.allowedOrigins = Self.origin
            $0.allowCredentials = true
        } _: { server throws in
            let asked = ["Origin: \(Self.origin)", "Access-Control-Request-Method: PATCH"]
            // The key isn't looked at: the request itself will be told that it is none.
            for path in ["/users/1", "/users/none"] {
                let answer = try server.answer(to: Requests.bare("OPTIONS", path, asked))
                #expect(answer.status == 204 && answer.body.isEmpty)
                #expect(answer["Access-Control-Allow-Origin"] == Self.origin)
                #expect(answer["Access-Control-Allow-Credentials"] == "true")
                #expect(answer["Access-Control-Allow-Methods"] == "GET, HEAD, PUT, PATCH, DELETE, OPTIONS")
                #expect(answer["Allow"] == answer["Access-Control-Allow-Methods"])
                let fields = answer["Access-Control-Allow-Headers"]?.split(separator: ", ") ?? []
                for name in ["Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Prefer"] {
                    #expect(fields.contains { $0 == name })
                }
                #expect(answer["Access-Control-Max-Age"] == "600")
                #expect(
                    answer["Vary"] == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
            }
            let stranger = ["Origin: https://evil.test", "Access-Control-Request-Method: PATCH"]
            let refused = try server.answer(to: Requests.bare("OPTIONS", "/users/1", stranger))
            #expect(refused.status == 204 && Self.names(refused).isEmpty)
            #expect(refused["Vary"]?.hasPrefix("Origin, Access-Control-Request-Method") == true)
            let nowhere = try server.answer(to: Requests.bare("OPTIONS", "/nothing", asked))
            #expect(nowhere.status == 404 && nowhere["Access-Control-Allow-Origin"] == Self.origin)
        }
    }

    @Test func `allowedHeaders adds to what a page may send`() async throws {
        try await TestServer.run {
            ($0.allowedOrigins, $0.allowedHeaders) = (Self.origin, "traceparent ,X-Tenant")
        } _: { server throws in
            let asked = ["Origin: \(Self.origin)", "Access-Control-Request-Method: GET"]
            let answer = try server.answer(to: Requests.bare("OPTIONS", "/users", asked))
            let fields = answer["Access-Control-Allow-Headers"]?.split(separator: ", ").map(String.init) ?? []
            #expect(fields.suffix(2) == ["traceparent", "X-Tenant"] && fields.contains("If-Match"))
        }
        for name in ["", "a b", "a:b", "é"] { #expect(!CrossOrigin.isName(name)) }
    }

    @Test func `a page may send the header fields that endpoints read`() async throws {
        try await TestServer.run {
            ($0.allowedOrigins, $0.allowedHeaders, $0.routes) = (Self.origin, "X-Tenant", TestRoutes.all)
        } _: { server throws in
            let asked = ["Origin: \(Self.origin)", "Access-Control-Request-Method: GET"]
            let answer = try server.answer(to: Requests.bare("OPTIONS", "/users/1/card", asked))
            let fields = answer["Access-Control-Allow-Headers"]?.split(separator: ", ").map(String.init) ?? []
            #expect(fields.suffix(2) == ["X-Tenant", "X-Priority"])
        }
    }

    @Test func `any origin may be meant, never with credentials`() async throws {
        try await TestServer.run {
            $0.allowedOrigins = "*"
        } _: { server throws in
            for origin in [Self.origin, "null", "http://x:1"] {
                let answer = try server.answer(to: Requests.get("/users", "Origin: \(origin)"))
                #expect(answer["Access-Control-Allow-Origin"] == "*")
                #expect(answer["Access-Control-Allow-Credentials"] == nil)
                #expect(answer["Vary"] == "Accept, Prefer, Origin")
            }
            #expect(Self.names(try server.answer(to: Requests.get("/users"))).isEmpty)
        }
    }

    @Test(
        arguments: [
            ("", nil), ("*", nil), ("https://a.example.org", nil), ("http://localhost:5173,https://b.test", nil),
            ("http://[::1]:8080", nil), ("http://127.0.0.1", nil), ("app+x://y", nil),
            ("https://xn--bcher-kva.example", nil),
            ("https://a.test/", "path"), ("https://a.test/x", "path"), ("https://a.test?x", "path"),
            ("https://*.a.test", "wildcard"),
            ("https://a.test,*", "alone"), ("HTTPS://a.test", "lower case"), ("https://A.test", "lower case"),
            ("a.test", "scheme"), ("null", "scheme"), ("//a.test", "scheme"), ("https://a.test,", "scheme"),
            ("https://", "host"), ("https://a b", "host"), ("https://bücher.example", "host"),
            ("https://u@a.test", "host"),
            ("https://a.test:443", "leave it out"), ("http://a.test:80", "leave it out"), ("http://a.test:", "port"),
            ("http://a.test:0", "port"), ("http://a.test:080", "port"), ("http://a.test:99999", "port"),
        ] as [(String, String?)])
    func `origins are as browsers send them`(text: String, hint: String?) {
        do throws(SettingError) {
            try HTTPTransport.allowedOrigins.check(text)
            #expect(hint == nil)
        } catch {
            #expect(hint.map { error.description.contains($0) } == true, "\(error)")
        }
    }
}
