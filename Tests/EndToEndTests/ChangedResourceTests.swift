import MartletClient
import MartletTesting
import Testing

/// What becomes of records when their resource's declaration changes. It is the same on both databases.
@Suite struct ChangedResourceTests {
    /// - Parameter code: the declaration of the field.
    private static func items(_ code: String) -> String {
        "fields:\n  id: { type: integer, key: generated }\n  code: { \(code) }\n  note: { type: string, nullable: true }\n"
    }

    private func declare(_ code: String, _ server: LiveServer) throws {
        try server.folder.write(Self.items(code), to: "resources/items.yaml")
    }

    @Test(
        arguments: LiveServer.Configuration.all,
        [("pattern: \"^[A-Z]+$\"", "ABC", "pattern"), ("format: email", "a@example.org", "format")])
    func `a new pattern or format is held by writes alone`(
        _ backend: LiveServer.Configuration, _ constraint: (text: String, match: String, code: String)
    ) async throws {
        let server = try await LiveServer(configuration: backend.serving(["items": Self.items("type: string")]))
        let created = try await MartletClient(server.url).send(.json(.post, "/items", #"{"code":"x"}"#))
        try declare("type: string, \(constraint.text)", server)
        try await server.restart()
        let client = try MartletClient(server.url)
        let read = try await client.send(ClientRequest(.get, "/items/1"))
        #expect(read.text == created.text)
        let other = try await client.send(.json(.patch, "/items/1", #"{"note":"n"}"#))
        #expect(other.status == 200, "\(other.text)")
        for (method, body) in [(HTTPMethod.put, read.text), (.patch, #"{"code":"x"}"#)] {
            let refused = try await client.send(.json(method, "/items/1", body))
            #expect(refused.status == 422, "\(refused.text)")
            for part in ["\"#/code\"", "\"\(constraint.code)\""] {
                #expect(refused.text.contains(part), "\(refused.text)")
            }
        }
        let matching = try await client.send(.json(.patch, "/items/1", "{\"code\":\"\(constraint.match)\"}"))
        #expect(matching.status == 200, "\(matching.text)")
    }

    /// A write with an idempotency key.
    private func send(
        _ key: String, _ method: HTTPMethod, _ path: String, _ body: String? = nil, to server: LiveServer
    ) async throws -> ClientResponse {
        var headers: HeaderFields = ["Idempotency-Key": key, "Prefer": "return=representation"]
        if body != nil { headers.set("Content-Type", "application/json") }
        let request = ClientRequest(method, path, headers: headers, body: body.map { Array($0.utf8) })
        return try await MartletClient(server.url).send(request)
    }

    private func sendAll(_ server: LiveServer) async throws -> [ClientResponse] {
        let batch = #"{"operations":[{"method":"POST","path":"/items","body":{"code":"z"}}]}"#
        return try await [
            send("a", .post, "/items", #"{"code":"x"}"#, to: server),
            send("b", .post, "/items", #"[{"code":"y"}]"#, to: server),
            send("c", .patch, "/items/1", #"{"note":"n"}"#, to: server),
            send("d", .delete, "/items/1", to: server), send("e", .post, "/batch", batch, to: server),
        ]
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `what is sent again after a change is answered as before, with the fields of now`(
        _ backend: LiveServer.Configuration
    ) async throws {
        let server = try await LiveServer(configuration: backend.serving(["items": Self.items("type: string")]))
        let first = try await sendAll(server)
        #expect(first.map(\.status) == [201, 201, 200, 200, 200])
        func add(_ fields: String) throws {
            let items = Self.items("type: string").replacing("nullable: true }", with: "nullable: true }\n\(fields)")
            try server.folder.write(items, to: "resources/items.yaml")
        }
        let added = "  rank: { type: integer, default: 7 }\n  at: { managed: createdAt }\n"
        try add(added)
        try await server.restart()
        for _ in 0..<2 {
            let again = try await sendAll(server)
            #expect(again.map(\.status) == first.map(\.status))
            for (old, new) in zip(first, again) {
                // Its ETag is that of another representation.
                let (tag, added) = (/-[0-9a-f]{8}\\"/, /,"rank":7,"at":"[^"]+"/)
                let text = new.text.replacing(added, with: "").replacing(tag, with: "")
                #expect(old.text.replacing(tag, with: "") == text, "\(new.text)")
            }
        }
        // A field that has no value in a record of then.
        for path in ["/items/2", "/items/3"] { _ = try await send("f", .delete, path, to: server) }
        try add(added + "  must: { type: integer }\n")
        try await server.restart()
        let lost = try await send("c", .patch, "/items/1", #"{"note":"n"}"#, to: server)
        #expect(lost.status == 409 && lost.text.contains("\"already_done\""), "\(lost.text)")
        #expect(lost.text.contains("The record's key is 1."))
    }

    @Test(
        arguments: LiveServer.Configuration.all,
        [
            ("date", #""2026-01-01""#, "string"), ("json", #"{"a":1}"#, "string"), ("string", #""2026-01-01""#, "date"),
            ("integer", "1", "boolean"), ("timestamp", #""2026-01-01T00:00:00.000000Z""#, "integer"),
            ("uuid", #""00000000-0000-0000-0000-000000000001""#, "bytes"),
        ])
    func `another type of a field is refused, and nothing is read as that type`(
        _ backend: LiveServer.Configuration, _ change: (old: String, value: String, new: String)
    ) async throws {
        let server = try await LiveServer(configuration: backend.serving(["items": Self.items("type: \(change.old)")]))
        let created = try await MartletClient(server.url).send(.json(.post, "/items", "{\"code\":\(change.value)}"))
        #expect(created.status == 201, "\(created.text)")
        try declare("type: \(change.new), nullable: true", server)
        let error = try await #require(throws: LiveServerError.self) { try await server.restart() }
        #expect(error.ending == .exited(69))
        let line =
            "would lose data: items: drops the column code of the type \(change.old) with its values, "
            + "and makes it anew with the type \(change.new)"
        #expect(error.description.contains(line), "\(error)")
        try declare("type: \(change.old)", server)
        try await server.restart()
        let read = try await MartletClient(server.url).send(ClientRequest(.get, "/items/1"))
        #expect(read.text == created.text)
    }
}
