import MartletClient
import MartletModel
import Testing
import UsersModel

/// Records as Swift values: what is sent for them, and what comes back.
@Suite struct ResourceTests {
    @Test func `create posts the fields that were set and returns the record`() async throws {
        let server = try TestServer { _ in answer("201 Created", json(7), "Location: /users/7") }
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let ada = try await users.create {
            $0.email = "ada@example.org"
            $0.name = "Ada \"\u{1F426}\"\n"
        }
        #expect((ada.id, ada.name, ada.email) == (7, "Ada", "ada@example.org"))
        let sent = try #require(server.requests.first)
        #expect(sent.target == "POST /users")
        #expect(sent["Content-Type"] == "application/json")
        #expect(sent["Accept"] == "application/json")
        #expect(sent.text == #"{"name":"Ada \"🐦\"\n","email":"ada@example.org"}"#)
    }

    @Test func `get asks for one record`() async throws {
        let server = try TestServer { _ in answer("200 OK", json(3), "Content-Type: Application/JSON; charset=utf-8") }
        defer { server.stop() }
        let users = try MartletClient(server.url + "/api").resource(User.self)
        let user = try await users.get(3)
        #expect((user.id, user.name, user.email) == (3, "Ada", "ada@example.org"))
        #expect(server.requests.map(\.target) == ["GET /api/users/3"])
    }

    @Test func `update patches what was set, and null where it was set to nil`() async throws {
        let server = try TestServer { _ in answer("200 OK", #"{"id":1,"text":"a","author":null}"#) }
        defer { server.stop() }
        let notes = try MartletClient(server.url).resource(Note.self)
        #expect(try await notes.update(1) { $0.author = nil } == Note(id: 1, text: "a", author: nil))
        _ = try await notes.update(1) { $0.text = "b" }
        _ = try await notes.update(1) { $0.author = 7 }
        _ = try await notes.update(1) { _ in }
        _ = try await notes.update(1) {
            $0.text = "b"
            $0.text = "c"
        }
        #expect(server.requests.allSatisfy { $0.target == "PATCH /notes/1" })
        #expect(server.requests.allSatisfy { $0["Content-Type"] == "application/merge-patch+json" })
        #expect(
            server.requests.map(\.text)
                == [#"{"author":null}"#, #"{"text":"b"}"#, #"{"author":7}"#, "{}", #"{"text":"c"}"#])
    }

    @Test func `replace puts a whole record under its key`() async throws {
        let server = try TestServer { _ in answer("200 OK", #"{"id":-4,"text":"a","author":null}"#) }
        defer { server.stop() }
        let notes = try MartletClient(server.url).resource(Note.self)
        let note = Note(id: -4, text: "a", author: nil)
        #expect(try await notes.replace(note) == note)
        #expect(server.requests.map(\.target) == ["PUT /notes/-4"])
        #expect(server.requests.first?.text == #"{"id":-4,"text":"a","author":null}"#)
    }

    @Test func `delete takes 204 for done`() async throws {
        let server = try TestServer { _ in "HTTP/1.1 204 No Content\r\n\r\n" }
        defer { server.stop() }
        try await MartletClient(server.url).resource(User.self).delete(9)
        #expect(server.requests.map(\.target) == ["DELETE /users/9"])
    }

    @Test func `A field that this client doesn't know is skipped`() async throws {
        let server = try TestServer { _ in
            answer("200 OK", #"{"new":{"a":[1]},"id":1,"name":"Ada","email":"ada@example.org","z":null}"#)
        }
        defer { server.stop() }
        #expect(try await MartletClient(server.url).resource(User.self).get(1).name == "Ada")
    }

    @Test(arguments: [
        "", "nil", "[]", "{}", #"{"id":1}"#, #"{"id":"1","name":"Ada","email":"e"}"#,
        #"{"id":1,"name":null,"email":"e"}"#,
        "[\(json(1)),\(json(2))]", json(1) + "x",
    ])
    func `An answer that is no record of the schema is an error`(_ body: String) async throws {
        let server = try TestServer { request in
            answer(request.target.hasPrefix("POST") ? "201 Created" : "200 OK", body)
        }
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let read = await failure { () throws(MartletError) in _ = try await users.get(1) }
        guard case .invalidResponse(_, mayHaveTakenEffect: false) = read else {
            Issue.record("\(String(describing: read))")
            return
        }
        let written = await failure { () throws(MartletError) in _ = try await users.create { $0.name = "Ada" } }
        guard case .invalidResponse(_, mayHaveTakenEffect: true) = written else {
            Issue.record("\(String(describing: written))")
            return
        }
    }
}
