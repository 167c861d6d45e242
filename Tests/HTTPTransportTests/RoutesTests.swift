import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import Testing

@testable import HTTPTransport

/// What each route answers when all is well.
struct RoutesTests {
    @Test func `a record is made and read`() async throws {
        try await TestServer.run { server throws in
            let created = try server.answer(to: Requests.post(Requests.ada))
            #expect(created.status == 201)
            #expect(created["Location"] == "/users/1")
            #expect(created["Content-Type"] == "application/json")
            #expect(created["Cache-Control"] == "private, no-cache")
            #expect(created["Vary"] == "Accept, Prefer")
            #expect(created["X-Content-Type-Options"] == "nosniff")
            #expect(created["Date"] != nil)
            #expect(created["Connection"] == nil)
            #expect(created.body == #"{"id":1,"name":"Ada","email":"ada@example.org"}"#)

            let read = try server.answer(to: Requests.get("/users/1"))
            #expect(read.status == 200)
            #expect(read.body == created.body)
        }
    }

    @Test func `a record is replaced, changed, listed and deleted`() async throws {
        try await TestServer.run { server throws in
            #expect(try server.answer(to: Requests.post(Requests.ada)).status == 201)
            let bea = #"{"id":1,"name":"Bea","email":"bea@example.org"}"#
            let replaced = try server.answer(to: Requests.with(bea, "PUT", "/users/1"))
            #expect(replaced.status == 200)
            #expect(replaced["Content-Location"] == "/users/1")
            #expect(replaced.body == bea)

            let patch = Requests.with(#"{"name":"Cleo"}"#, "PATCH", "/users/1", type: "application/merge-patch+json")
            let changed = try server.answer(to: patch)
            #expect(changed.status == 200)
            #expect(changed.body == #"{"id":1,"name":"Cleo","email":"bea@example.org"}"#)

            let listed = try server.answer(to: Requests.get("/users"))
            #expect(listed.status == 200)
            #expect(listed["Link"] == nil)
            #expect(listed.body == "[\(changed.body)]")

            let deleted = try server.answer(to: Requests.bare("DELETE", "/users/1"))
            #expect(deleted.status == 204)
            #expect(deleted.body.isEmpty)
            #expect(deleted["Content-Length"] == nil)
            #expect(deleted["Content-Type"] == nil)
            #expect(try server.answer(to: Requests.get("/users/1")).problemCode == "not_found")
        }
    }

    @Test(arguments: [
        ("/", "/docs"), ("/users/", "/users"), ("/user", "/users"), ("/docs/", "/docs"), ("/Users", "/users"),
        ("/user/5", "/users"), ("/users/1/x", "/users"), ("/openapi.jsn", "/openapi.json"), ("/health", "/health/live"),
        ("/zzzzzz", nil), ("/\(String(repeating: "u", count: 5000))", nil),
    ])
    func `a path that leads nowhere is told with the one that was likely meant`(path: String, meant: String?)
        async throws
    {
        try await TestServer.run { server throws in
            let answer = try server.answer(to: Requests.get(path))
            #expect(answer.status == 404)
            let hint = meant.map { " Did you mean \($0)?" } ?? ""
            #expect(answer.body.contains("\"There is nothing at this path.\(hint)\""), "\(answer.body)")
        }
    }

    @Test(arguments: [
        (nil, "it is missing"), ("text/plain", #"it is \"text/plain\""#),
        ("application/x-www-form-urlencoded", #"it is \"application/x-www-form-urlencoded\""#),
        (
            "application/json; charset=latin1",
            #"it is \"application/json; charset=latin1\": JSON is UTF-8, so leave the charset out"#
        ),
        ("application/json, application/json", #"it is \"application/json, application/json\": name one type, once"#),
    ])
    func `a body of another type is told what came, and what to send`(type: String?, came: String) async throws {
        try await TestServer.run { server throws in
            let field = type.map { "Content-Type: \($0)\r\n" } ?? ""
            let request = "POST /users HTTP/1.1\r\nHost: a\r\n\(field)Content-Length: 2\r\n\r\n{}"
            let answer = try server.answer(to: request)
            #expect(answer.status == 415)
            let detail =
                "Content-Type must be one of: application/json; \(came). With curl: -H 'Content-Type: application/json'."
            #expect(answer.body.contains(detail), "\(answer.body)")
        }
    }

    @Test(arguments: ["Accept:", "Accept: ", "Accept:\r\nAccept: application/json", "Accept: */*\r\nAccept:"])
    func `an empty Accept excludes nothing`(fields: String) async throws {
        try await TestServer.run { server throws in
            #expect(try server.answer(to: Requests.get("/users", fields)).status == 200)
        }
    }

    @Test func `a list goes on behind its Link until there is none`() async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            for number in 1...5 {
                try connection.send(Requests.post(#"{"name":"n","email":"\#(number)@example.org"}"#))
                #expect(try connection.answer().status == 201)
            }
            var (target, ids, pages) = (String?.some("/users?limit=2"), [Int](), 0)
            while let path = target {
                try connection.send(Requests.get(path))
                let answer = try connection.answer()
                #expect(answer.status == 200)
                ids += answer.json?.array?.compactMap { $0["id"]?.integer } ?? []
                pages += 1
                target = answer["Link"].map { link in
                    #expect(link.hasPrefix("</users?limit=2&cursor=") && link.hasSuffix(">; rel=\"next\""))
                    return String(link.dropFirst().prefix { $0 != ">" })
                }
            }
            #expect(ids == [1, 2, 3, 4, 5])
            #expect(pages == 3)

            try connection.send("HEAD /users?limit=2 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try connection.answer(isHead: true)["Link"] != nil)
        }
    }

    @Test func `HEAD has the head of GET, and no body`() async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send(Requests.post(Requests.ada))
            _ = try connection.answer()
            for path in ["/users/1", "/users", "/users/2", "/nothing", "/health/live"] {
                try connection.send(Requests.get(path, "X-Request-Id: same"))
                let get = try connection.answer()
                // The GET behind it would be misread if the HEAD had a body.
                try connection.send(Requests.bare("HEAD", path, ["X-Request-Id: same"]) + Requests.get(path))
                let head = try connection.answer(isHead: true)
                #expect(head.statusLine == get.statusLine)
                #expect(head.fields.map(\.name) == get.fields.map(\.name))
                #expect(head["Content-Length"] == get["Content-Length"])
                #expect(try connection.answer().status == get.status)
            }
        }
    }

    @Test(arguments: [
        ("/users", "GET, HEAD, POST, OPTIONS"), ("/users/1", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"),
        ("/health/ready", "GET, HEAD, OPTIONS"), ("*", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    ])
    func `OPTIONS names the methods of a path`(target: String, methods: String) async throws {
        try await TestServer.run { server throws in
            let answer = try server.answer(to: Requests.bare("OPTIONS", target))
            #expect(answer.status == 204)
            #expect(answer["Allow"] == methods)
        }
    }

    @Test func `health is told by status, and only the log knows the cause`() async throws {
        try await TestServer.run { server throws in
            for path in ["/health/live", "/health/ready"] {
                let answer = try server.answer(to: Requests.get(path, "Accept: text/plain"))
                #expect(answer.status == 200)
                #expect(answer["Cache-Control"] == "no-store")
            }
            server.storage.set(health: .notReady("the disk at /secret is full"))
            #expect(try server.answer(to: Requests.get("/health/live")).status == 200)
            let answer = try server.answer(to: Requests.get("/health/ready"))
            #expect(answer.status == 503)
            #expect(answer.problemCode == "unavailable")
            #expect(answer["Retry-After"] == "1")
            #expect(!answer.body.contains("secret"))
            let causes = server.log.entries.filter { $0.level == .error }.map { $0.metadata["cause"]?.description }
            #expect(causes.contains { $0?.contains("secret") == true })
        }
    }

    @Test(arguments: ["/us%65rs/1", "/users/%31", "http://example.org/users/1", "HTTPS://x:1/users/1"])
    func `a path has several spellings`(target: String) async throws {
        try await TestServer.run { server throws in
            _ = try server.answer(to: Requests.post(Requests.ada))
            #expect(try server.answer(to: Requests.get(target)).status == 200)
        }
    }

    @Test func `a base path moves everything`() async throws {
        try await TestServer.run {
            $0.basePath = "/api/v1"
        } _: { server throws in
            let created = try server.answer(to: Requests.post(Requests.ada, to: "/api/v1/users"))
            #expect(created["Location"] == "/api/v1/users/1")
            #expect(try server.answer(to: Requests.get("/api/v1/users/1")).status == 200)
            #expect(try server.answer(to: Requests.get("/api/v1/health/live")).status == 200)
            for path in ["/users", "/api/v1", "/api/v1/", "/api/v1users", "/health/live", "/"] {
                #expect(try server.answer(to: Requests.get(path)).status == 404)
            }
        }
    }
}
