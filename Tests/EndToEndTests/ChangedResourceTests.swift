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
