import MartletClient
import MartletModel
import Testing
import UsersModel

/// What is sent again, how, and what never is.
@Suite struct RetryTests {
    private let made = answer("201 Created", json(1))

    /// A client that doesn't keep a test waiting.
    private func users(
        _ server: TestServer, _ change: (inout ClientConfiguration) -> Void = { _ in }
    ) throws -> ResourceClient<User> {
        try MartletClient.client(server.url) {
            $0.retry.firstDelay = .milliseconds(1)
            change(&$0)
        }.resource(User.self)
    }

    static let passing: [String?] = [
        nil, problem("503 X", "overloaded"), problem("429 X", "rate_limited"), problem("500 X", "internal"),
        problem("504 X", "outcome_unknown"), problem("409 X", "request_in_progress"),
        answer("502 X", "gateway", "Content-Type: text/html"), "HTTP/1.1 201 Cre",
    ]

    @Test(arguments: passing)
    func `A write with a key is sent again, the same, until it has an answer`(_ failing: String?) async throws {
        let server = try TestServer(inOrder: [failing, failing, made])
        defer { server.stop() }
        #expect(try await users(server).create { $0.name = "Ada" }.id == 1)
        let requests = server.requests
        #expect(requests.count == 3)
        #expect(Set(requests.map(\.text)) == [#"{"name":"Ada"}"#])
        #expect(Set(requests.map { $0["Idempotency-Key"] }).count == 1)
        let key = try #require(requests[0]["Idempotency-Key"])
        #expect(key.hasPrefix("\"") && key.hasSuffix("\"") && key.utf8.count > 20)
    }

    @Test(arguments: passing)
    func `A write without a key is never sent again`(_ failing: String?) async throws {
        let server = try TestServer(inOrder: [failing, made])
        defer { server.stop() }
        let users = try users(server) { $0.retry.generatesIdempotencyKeys = false }
        let error = await failure { () throws(MartletError) in try await users.create { $0.name = "Ada" } }
        #expect(error != nil)
        #expect(server.requests.map { $0["Idempotency-Key"] } == [nil])
    }

    @Test(arguments: [
        "400 X", "404 X", "409 X", "412 X", "422 X", "428 X", "501 X", "507 X",
    ])
    func `A refusal is not asked for twice`(_ status: String) async throws {
        let server = try TestServer(inOrder: [problem(status, "unique_taken"), made])
        defer { server.stop() }
        let users = try users(server)
        let error = await failure { () throws(MartletError) in try await users.create { $0.name = "Ada" } }
        #expect(error?.problem?.status == Int(status.prefix(3)))
        #expect(server.requests.count == 1)
    }

    @Test func `Every write has a key, each its own, and the caller's where there is one`() async throws {
        let server = try TestServer { request in
            if request.target.hasPrefix("DELETE") { return "HTTP/1.1 204 No Content\r\n\r\n" }
            let status = request.target.hasPrefix("POST") ? "201 Created" : "200 OK"
            return answer(status, request.text.hasPrefix("[") ? "[\(json(1))]" : json(1))
        }
        defer { server.stop() }
        let users = try users(server)
        let ada = try await users.create { $0.name = "Ada" }
        try await users.update(1) { $0.name = "Ada" }
        try await users.replace(ada)
        try await users.delete(1)
        try await users.createAll([Draft(ada)])
        #expect(Set(server.requests.compactMap { $0["Idempotency-Key"] }).count == 5)
        _ = try await users.get(1)
        #expect(server.requests.last?["Idempotency-Key"] == nil)

        try await users.create(idempotencyKey: #"order "7" \"#) { $0.name = "Ada" }
        #expect(server.requests.last?["Idempotency-Key"] == #""order \"7\" \\""#)
    }

    @Test(arguments: ["", String(repeating: "x", count: 256), "é", "a\nb"])
    func `A key that no server takes is refused`(_ key: String) async throws {
        let server = try TestServer(inOrder: [made])
        defer { server.stop() }
        let users = try users(server)
        let error = await failure { () throws(MartletError) in
            try await users.create(idempotencyKey: key) { $0.name = "Ada" }
        }
        guard case .invalidRequest = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(server.requests.isEmpty)
    }

    @Test func `A read is sent again, a list's page too`() async throws {
        let server = try TestServer(inOrder: [
            problem("503 X", "overloaded"), answer("200 OK", json(1)), problem("503 X", "overloaded"),
            answer("200 OK", "[\(json(1))]"),
        ])
        defer { server.stop() }
        let users = try users(server)
        #expect(try await users.get(1).id == 1)
        #expect(try await users.list().reduce(0) { count, _ in count + 1 } == 1)
        #expect(server.requests.count == 4)
    }

    @Test func `It is sent no more often than the policy says`() async throws {
        let server = try TestServer(inOrder: [problem("503 X", "overloaded")])
        defer { server.stop() }
        let users = try users(server) { $0.retry.maxAttempts = 3 }
        let error = await failure { () throws(MartletError) in _ = try await users.get(1) }
        #expect(error?.problem?.code == .overloaded)
        #expect(server.requests.count == 3)

        let once = try self.users(server) { $0.retry = .none }
        _ = await failure { () throws(MartletError) in try await once.create { $0.name = "Ada" } }
        #expect(server.requests.dropFirst(3).map { $0["Idempotency-Key"] } == [nil])
    }

    @Test func `What the client sends as it is, is sent once`() async throws {
        let server = try TestServer(inOrder: [problem("503 X", "overloaded")])
        defer { server.stop() }
        #expect(try await MartletClient(server.url).send(ClientRequest(.get, "/users")).status == 503)
        #expect(server.requests.count == 1)
    }

    @Test func `A policy that can't be kept is refused`() {
        for change: (inout RetryPolicy) -> Void in [{ $0.maxAttempts = 0 }, { $0.firstDelay = .seconds(-1) }] {
            #expect(throws: MartletError.self) {
                try MartletClient.client("http://127.0.0.1") { change(&$0.retry) }
            }
        }
    }
}
