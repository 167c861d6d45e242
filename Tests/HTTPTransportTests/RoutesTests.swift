import MartletModel
import Testing

@testable import HTTPTransport

/// What each route answers when all is well.
struct RoutesTests {
    static func post(_ body: String, to path: String = "/users") -> String {
        "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    static let ada = #"{"name":"Ada","email":"ada@example.org"}"#

    @Test func `a record is made, read, replaced, changed, listed and deleted`() async throws {
        try await TestServer.run { server in
            let connection = try server.connect()
            func exchange(_ request: String) throws -> RawAnswer {
                try connection.send(request)
                return try connection.answer(isHead: request.hasPrefix("HEAD"))
            }
            func withBody(_ method: String, _ body: String) -> String {
                Self.post(body, to: "/users/1").replacing("POST", with: method)
            }

            let created = try exchange(Self.post(Self.ada))
            #expect(created.status == 201)
            #expect(created["Location"] == "/users/1")
            #expect(created["Content-Type"] == "application/json")
            #expect(created["Cache-Control"] == "private, no-cache")
            #expect(created["Vary"] == "Accept, Prefer")
            #expect(created["X-Content-Type-Options"] == "nosniff")
            #expect(created["Date"] != nil)
            #expect(created["Connection"] == nil)
            #expect(created.body == #"{"id":1,"name":"Ada","email":"ada@example.org"}"#)

            let read = try exchange("GET /users/1 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(read.status == 200)
            #expect(read.body == created.body)

            let replaced = try exchange(withBody("PUT", #"{"id":1,"name":"Bea","email":"bea@example.org"}"#))
            #expect(replaced.status == 200)
            #expect(replaced["Content-Location"] == "/users/1")
            #expect(replaced.body == #"{"id":1,"name":"Bea","email":"bea@example.org"}"#)

            let changed = try exchange(withBody("PATCH", #"{"name":"Cleo"}"#))
            #expect(changed.status == 200)
            #expect(changed.body == #"{"id":1,"name":"Cleo","email":"bea@example.org"}"#)

            let listed = try exchange("GET /users HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(listed.status == 200)
            #expect(listed["Link"] == nil)
            #expect(listed.body == "[\(changed.body)]")

            let deleted = try exchange("DELETE /users/1 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(deleted.status == 204)
            #expect(deleted.body.isEmpty)
            #expect(deleted["Content-Length"] == nil)

            let gone = try exchange("GET /users/1 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(gone.status == 404)
            #expect(gone.problemCode == "not_found")
        }
    }
}
