import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import HTTPTransport

/// Requests that are sent again under the same Idempotency-Key.
struct IdempotencyTests {
    struct Write: Sendable, CustomTestStringConvertible {
        let method: String
        let target: String
        let body: String?
        let status: Int
        var testDescription: String { "\(method) \(target)" }
    }

    static let writes = [
        Write(method: "POST", target: "/users", body: #"{"name":"Bea","email":"bea@example.org"}"#, status: 201),
        Write(method: "POST", target: "/users", body: #"[{"name":"Bea","email":"bea@example.org"}]"#, status: 201),
        Write(method: "POST", target: "/memos", body: #"{"text":"a"}"#, status: 201),
        Write(method: "PUT", target: "/users/1", body: #"{"name":"Bea","email":"bea@example.org"}"#, status: 200),
        Write(method: "PUT", target: "/pages/a", body: #"{"title":"A"}"#, status: 201),
        Write(method: "PATCH", target: "/users/1", body: #"{"name":"Bea"}"#, status: 200),
        Write(method: "DELETE", target: "/users/1", body: nil, status: 204),
        Write(
            method: "POST", target: "/batch", body: #"{"operations":[{"method":"DELETE","path":"/users/1"}]}"#,
            status: 200),
    ]

    @Test(arguments: writes, ["Prefer: x", "Prefer: return=minimal", "Prefer: return=representation"])
    func `a repeated write is answered as the first, and done once`(_ write: Write, prefer: String) async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/users", Requests.ada)
            let key = "Idempotency-Key: \"a, \\\"key\\\"\""
            let first = try server.call(write.method, write.target, write.body, key, prefer)
            #expect((200...204).contains(first.status))
            if prefer == "Prefer: x" { #expect(first.status == write.status) }
            // In between the record changes and goes.
            _ = try server.call("PATCH", "/users/1", #"{"name":"Cleo"}"#)
            _ = try server.call("DELETE", "/users/1")
            // Another spelling of the key, and another order of the fields.
            let again = try server.call(write.method, write.target, write.body, prefer, #"Idempotency-Key: a, "key""#)
            #expect(again.status == first.status)
            #expect(again.body == first.body)
            for name in ["Location", "Content-Location", "ETag", "Preference-Applied", "Content-Length"] {
                #expect(again[name] == first[name])
            }
            let users = try server.call("GET", "/users").json?.array?.count
            #expect(users == (write.target == "/users" ? 1 : 0))
        }
    }

    @Test(arguments: [("/users/1", "/users/%31"), ("/users/%31", "/users/1"), ("/%75sers/1", "/users/%31")])
    func `a path is the same however it is encoded`(first: String, again: String) async throws {
        try await TestServer.run { server throws in
            _ = try server.call("POST", "/users", Requests.ada)
            let key = "Idempotency-Key: k"
            let answer = try server.call("PATCH", first, #"{"name":"Bea"}"#, key)
            _ = try server.call("PATCH", "/users/1", #"{"name":"Cleo"}"#)
            #expect(try server.call("PATCH", again, #"{"name":"Bea"}"#, key).body == answer.body)
            #expect(try server.call("GET", "/users/1").json?["name"] == "Cleo")
        }
    }

    @Test func `a key that version 0 1 has kept, with the path as it came, is known`() async throws {
        let (body, server) = (#"{"name":"Bea","email":"bea@example.org"}"#, try await TestServer.start())
        let users = try #require(server.context.application.resources["users"])
        let (row, fingerprint) = try Array(body.utf8).withUnsafeBytes { bytes in
            (try ValidatedRow(json: bytes, users, for: .create), Fingerprint.whole(Fingerprint().head, body: bytes))
        }
        let former = Idempotency(scope: "POST /%75sers k", fingerprint: fingerprint)
        let now = Timestamp(clamping: server.context.clock.now())
        let kept = Transaction([Mutation(users, .insert(row))], at: now, idempotency: former)
        _ = try await server.storage.commit(kept, .test)
        let (again, list) = try await blocking {
            (try server.call("POST", "/%75sers", body, "Idempotency-Key: k"), try server.call("GET", "/users"))
        }
        #expect(again.status == 201 && again["Location"] == "/users/1")
        #expect(list.json?.array?.count == 1)
        await server.server.stop()
    }

    @Test func `a key is that of its principal`() throws {
        var terms = WriteTerms()
        terms.idempotency = WriteTerms.Key(scope: "POST /users k", formerScope: "POST /%75sers k")
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        let entries = ["", "ada", "bea"].map { terms.idempotency(none, Principal(identity: $0)) }
        #expect(entries.map { $0?.scope } == ["POST /users k", "ada POST /users k", "bea POST /users k"])
        // Version 0.1 knew no principals.
        #expect(entries.map { $0?.formerScope } == ["POST /%75sers k", nil, nil])
    }

    @Test func `a repeated write means the version that it meant the first time`() async throws {
        try await TestServer.run { server throws in
            let tag = try #require(try server.call("POST", "/users", Requests.ada)["ETag"])
            let lines = ["If-Match: \(tag)", "Idempotency-Key: k"]
            let first = try server.call("PATCH", "/users/1", #"{"name":"B"}"#, lines[0], lines[1])
            #expect(first.status == 200 && first["ETag"] != tag)
            #expect(try server.call("PATCH", "/users/1", #"{"name":"C"}"#, lines[0]).status == 412)
            let again = try server.call("PATCH", "/users/1", #"{"name":"B"}"#, lines[1], lines[0])
            #expect(again.status == 200 && again["ETag"] == first["ETag"])
        }
    }

    @Test func `a key that was used for something else is refused`() async throws {
        try await TestServer.run { server throws in
            let tag = try #require(try server.call("POST", "/users", Requests.ada)["ETag"])
            let (key, body) = ("Idempotency-Key: k", #"{"name":"Bea"}"#)
            #expect(try server.call("PATCH", "/users/1", body, key).status == 200)
            let others = [
                try server.call("PATCH", "/users/1", #"{"name": "Bea"}"#, key),
                try server.call("PATCH", "/users/1", body, key, "Prefer: return=minimal"),
                try server.call("PATCH", "/users/1", body, key, "If-Match: \(tag)"),
                try server.call("PATCH", "/users/1", body, key, "If-Match: *"),
            ]
            for answer in others { #expect(answer.status == 422 && answer.problemCode == "idempotency_key_reused") }
            // What is malformed is judged before the key is looked up.
            #expect(try server.call("PATCH", "/users/1", #"{"name":1}"#, key).problemCode == "validation_failed")
        }
    }

    @Test func `a key is that of a method and a path, and of no read`() async throws {
        try await TestServer.run { server throws in
            let key = "Idempotency-Key: k"
            #expect(try server.call("POST", "/users", Requests.ada, key).status == 201)
            #expect(try server.call("GET", "/users/1", nil, key).status == 200)
            #expect(try server.call("PATCH", "/users/1", #"{"name":"B"}"#, key).status == 200)
            #expect(try server.call("POST", "/memos", #"{"text":"a"}"#, key).status == 201)
            #expect(try server.call("DELETE", "/users/1", nil, key).status == 204)
            #expect(try server.call("DELETE", "/users/2", nil, key).status == 404)
        }
    }

    @Test func `a refusal isn't remembered`() async throws {
        try await TestServer.run { server throws in
            let key = "Idempotency-Key: k"
            _ = try server.call("POST", "/users", Requests.ada)
            #expect(try server.call("POST", "/users", Requests.ada, key).status == 409)
            #expect(try server.call("DELETE", "/users/1").status == 204)
            #expect(try server.call("POST", "/users", Requests.ada, key)["Location"] == "/users/2")
        }
    }

    @Test(arguments: [
        ["Idempotency-Key:"], ["Idempotency-Key: \"\""], ["Idempotency-Key: \"a"], ["Idempotency-Key: é"],
        ["Idempotency-Key: " + String(repeating: "k", count: 256)], ["Idempotency-Key: a", "Idempotency-Key: a"],
        ["Idempotency-Key:", "Idempotency-Key: a"], ["Idempotency-Key: a", "Idempotency-Key:"],
    ])
    func `what is no key is refused`(lines: [String]) async throws {
        try await TestServer.run { server throws in
            let framing = ["Content-Type: application/json", "Content-Length: 2"]
            for (method, target) in [
                ("POST", "/users"), ("PUT", "/users/1"), ("PATCH", "/users/1"), ("POST", "/batch"),
            ] {
                let answer = try server.answer(to: Requests.bare(method, target, framing + lines) + "{}")
                #expect(answer.problemCode == "invalid_parameter")
                #expect(answer.body.contains("Idempotency-Key"))
            }
            #expect(try server.answer(to: Requests.bare("DELETE", "/users/1", lines)).status == 400)
        }
    }
}
