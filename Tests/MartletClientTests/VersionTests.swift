import MartletClient
import MartletModel
import Testing
import UsersModel

/// Records with their versions, and writes that mean one of them.
@Suite struct VersionTests {
    private let first = EntityTag(rawValue: "\"7-0badcafe\"")

    /// Answers every request with a user in version 8, or 204 to DELETE.
    private func server() throws -> TestServer {
        try TestServer { request in
            if request.target.hasPrefix("DELETE") { return "HTTP/1.1 204 No Content\r\n\r\n" }
            let status = request.target.hasPrefix("POST") ? "201 Created" : "200 OK"
            return answer(status, json(1, "Ada L."), "ETag: \"8-0badcafe\"")
        }
    }

    @Test func `fetch gives the record with its version`() async throws {
        let server = try server()
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        var ada = try await users.fetch(1)
        let tag = EntityTag(rawValue: "\"8-0badcafe\"")
        #expect(ada == Stored(User(id: 1, name: "Ada L.", email: "ada@example.org"), etag: tag))
        #expect(ada.name == "Ada L.")
        ada.name = "Ada"
        #expect(ada.record.name == "Ada")
        #expect(try await users.createStored { $0.name = "Ada" }.etag == ada.etag)
        #expect(server.requests.map(\.target) == ["GET /users/1", "POST /users"])
        #expect(server.requests.allSatisfy { $0["If-Match"] == nil && $0["If-None-Match"] == nil })
    }

    @Test func `A record that is known already is not sent again`() async throws {
        let server = try TestServer(inOrder: [
            "HTTP/1.1 304 Not Modified\r\nETag: \"7-0badcafe\"\r\n\r\n", answer("200 OK", json(1), "ETag: \"8\""),
        ])
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        #expect(try await users.fetch(1, unlessMatching: first) == nil)
        #expect(try await users.fetch(1, unlessMatching: first)?.etag.rawValue == "\"8\"")
        #expect(server.requests.map { $0["If-None-Match"] } == [first.rawValue, first.rawValue])
    }

    @Test func `A write that is given a version sends it and returns the next`() async throws {
        let server = try server()
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let ada = User(id: 1, name: "Ada", email: "ada@example.org")
        let stored = Stored(ada, etag: first)
        let next = EntityTag(rawValue: "\"8-0badcafe\"")
        #expect(try await users.update(1, ifMatch: first) { $0.name = "Ada L." }.etag == next)
        #expect(try await users.update(stored) { $0.name = "Ada L." }.etag == next)
        #expect(try await users.replace(ada, ifMatch: first).etag == next)
        #expect(try await users.replace(stored).etag == next)
        try await users.delete(1, ifMatch: first)
        try await users.delete(stored)
        try await users.delete(1, ifMatch: .any)
        let patch = (target: "PATCH /users/1", text: #"{"name":"Ada L."}"#)
        let put = (target: "PUT /users/1", text: json(1))
        #expect(
            server.requests.map(\.target) == [patch.target, patch.target, put.target, put.target]
                + Array(repeating: "DELETE /users/1", count: 3))
        #expect(server.requests.map(\.text) == [patch.text, patch.text, put.text, put.text, "", "", ""])
        #expect(server.requests.map { $0["If-Match"] } == Array(repeating: first.rawValue, count: 6) + ["*"])
    }

    @Test func `A stale version is a refusal`() async throws {
        let server = try TestServer { _ in problem("412 Precondition Failed", "precondition_failed") }
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let error = await failure { () throws(MartletError) in try await users.delete(1, ifMatch: first) }
        #expect(error?.problem?.code == .preconditionFailed)
        #expect(error?.mayHaveTakenEffect == false)
        #expect(server.requests.count == 1)
    }

    @Test func `A version that the server doesn't tell is an error where one was asked for`() async throws {
        let server = try TestServer { _ in answer("200 OK", json(1)) }
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let read = await failure { () throws(MartletError) in _ = try await users.fetch(1) }
        #expect(read == .invalidResponse("the record comes without its ETag", mayHaveTakenEffect: false))
        let written = await failure { () throws(MartletError) in
            try await users.update(1, ifMatch: first) { $0.name = "x" }
        }
        #expect(written == .invalidResponse("the record comes without its ETag", mayHaveTakenEffect: true))
        #expect(try await users.get(1).id == 1)
    }

    @Test func `A tag that would become a second header is refused`() async throws {
        let server = try server()
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let error = await failure { () throws(MartletError) in
            try await users.delete(1, ifMatch: EntityTag(rawValue: "\"7\"\r\nX-A: b"))
        }
        guard case .invalidRequest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(server.requests.isEmpty)
    }
}
