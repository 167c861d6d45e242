import MartletClient
import MartletModel
import Testing
import UsersModel

/// Writes that are done together.
@Suite struct BatchTests {
    private func result(_ status: Int, _ body: String, _ etag: Int) -> String {
        #"{"status":\#(status),"headers":{"ETag":"\"\#(etag)\""},"body":\#(body)}"#
    }

    private func note(_ id: Int, _ author: Int) -> String { #"{"id":\#(id),"text":"t","author":\#(author)}"# }

    private static let request =
        #"{"operations":[{"method":"POST","path":"/api/users","body":{"name":"Ada"}},"#
        + #"{"method":"POST","path":"/api/notes","body":{"text":"a","author":{"$ref":"0/id"}}},"#
        + #"{"method":"POST","path":"/api/notes","body":{"text":"b","author":{"$ref":"0/id"}}},"#
        + #"{"method":"PATCH","path":"/api/users/{\"$ref\":\"0/id\"}","body":{"name":"Ada L."}},"#
        + #"{"method":"PATCH","path":"/api/notes/1","body":{"author":null},"ifMatch":"\"3-0badcafe\""},"#
        + #"{"method":"PUT","path":"/api/users/7","body":{"id":7,"name":"A","email":"a@b.c"},"#
        + #""ifMatch":"\"3-0badcafe\""},"#
        + #"{"method":"DELETE","path":"/api/users/{\"$ref\":\"2/id\"}"}]}"#

    @Test func `Later operations refer to earlier ones, and the records come back typed`() async throws {
        let results = [
            result(201, json(7), 1), result(201, note(1, 7), 2), result(201, note(2, 7), 3), result(200, json(7), 4),
            result(200, note(1, 9), 5), result(200, json(7), 6), #"{"status":204,"headers":{}}"#,
        ]
        let server = try TestServer { _ in answer("200 OK", #"{"results":[\#(results.joined(separator: ","))]}"#) }
        defer { server.stop() }
        let client = try MartletClient(server.url + "/api")
        let tag = EntityTag(rawValue: "\"3-0badcafe\"")
        let (ada, notes, none) = try await client.batch { batch in
            let ada = batch.create(User.self) { $0.name = "Ada" }
            let notes = ["a", "b"].map { text in
                batch.create(Note.self) {
                    $0.author = ada.id
                    $0.text = text
                }
            }
            batch.update(ada) { $0.name = "Ada L." }
            batch.update(Note.self, 1, ifMatch: tag) { $0.author = nil }
            batch.replace(Stored(User(id: 7, name: "A", email: "a@b.c"), etag: tag))
            batch.delete(User.self, notes[1].id)
            return (ada, notes, BatchItem<User>?.none)
        }
        #expect(ada == Stored(User(id: 7, name: "Ada", email: "ada@example.org"), etag: EntityTag(rawValue: "\"1\"")))
        #expect(notes.map(\.id) == [1, 2])
        #expect(notes.map(\.etag.rawValue) == ["\"2\"", "\"3\""])
        #expect(none == nil)
        let sent = try #require(server.requests.first)
        #expect(sent.target == "POST /api/batch")
        #expect(sent["Content-Type"] == "application/json")
        #expect(sent.text == Self.request)
    }

    @Test func `A batch of which nothing is wanted returns nothing, and an empty one sends nothing`() async throws {
        let server = try TestServer { _ in answer("200 OK", #"{"results":[{"status":204,"headers":{}}]}"#) }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        try await client.batch { $0.delete(Account.self, "a/b") }
        try await client.batch { _ in }
        #expect(
            server.requests.map(\.text)
                == [#"{"operations":[{"method":"DELETE","path":"/accounts/a%2Fb"}]}"#])
    }

    @Test func `A reference is for its own batch alone`() async throws {
        let server = try TestServer { _ in answer("200 OK", #"{"results":[\#(result(201, json(7), 1))]}"#) }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        var kept: BatchItem<User>?
        try await client.batch { kept = $0.create(User.self) { $0.name = "Ada" } }
        let other = try #require(kept)
        let errors = await [
            failure { () throws(MartletError) in _ = try await client.batch { $0.update(other) { $0.name = "x" } } },
            failure { () throws(MartletError) in
                _ = try await client.batch { batch in batch.create(Note.self) { $0.author = other.id } }
            },
            failure { () throws(MartletError) in
                _ = try await client.resource(Note.self).create { $0.author = other.id }
            },
            failure { () throws(MartletError) in try await client.batch { $0.delete(User.self, "x") } },
        ]
        for error in errors {
            guard case .invalidRequest = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        "[]", "{}", #"{"results":[]}"#, #"{"results":[{"status":201,"headers":{}}]}"#,
        #"{"results":[{"status":201,"headers":{},"body":{"id":1}}]}"#,
        #"{"results":[{"status":201,"headers":{"ETag":"x"},"body":{"id":1}}]}"#, "no JSON",
    ])
    func `An answer that is none of the batch is an error after the fact`(_ body: String) async throws {
        let server = try TestServer { _ in answer("200 OK", body) }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let error = await failure { () throws(MartletError) in
            _ = try await client.batch { $0.create(User.self) { $0.name = "Ada" } }
        }
        guard case .invalidResponse(_, mayHaveTakenEffect: true) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `A refusal names the operation`() async throws {
        let server = try TestServer { _ in
            answer(
                "422 X",
                ##"{"code":"validation_failed","errors":[{"pointer":"#/operations/0/body/name","code":"required"}]}"##,
                "Content-Type: application/problem+json")
        }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let error = await failure { () throws(MartletError) in
            _ = try await client.batch(idempotencyKey: "b1") { $0.create(User.self) { _ in } }
        }
        #expect(error?.problem?.errors.map(\.location) == [.pointer("#/operations/0/body/name")])
        #expect(server.requests.map { $0["Idempotency-Key"] } == ["\"b1\""])
    }
}
