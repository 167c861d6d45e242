import MartletClient
import MartletModel
import Testing
import UsersModel

/// Read, change, write; and again when somebody was faster.
@Suite struct ModifyTests {
    private let stale = problem("412 Precondition Failed", "precondition_failed")

    private func read(_ name: String, _ version: Int) -> String {
        answer("200 OK", json(1, name), "ETag: \"\(version)\"")
    }

    @Test func `What differs is sent for the version that was read, again when it has changed`() async throws {
        let server = try TestServer(inOrder: [read("Ada", 1), stale, read("Eve", 2), read("Eve!", 3)])
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        var names: [String] = []
        let user = try await users.modify(1) {
            names.append($0.name)
            $0.name += "!"
        }
        #expect(user.name == "Eve!")
        #expect(names == ["Ada", "Eve"])
        let requests = server.requests
        #expect(
            requests.map(\.target) == ["GET /users/1", "PATCH /users/1", "GET /users/1", "PATCH /users/1"])
        #expect(requests.map { $0["If-Match"] } == [nil, "\"1\"", nil, "\"2\""])
        #expect(requests.map(\.text) == ["", #"{"name":"Ada!"}"#, "", #"{"name":"Eve!"}"#])
        // Two writes, not one that is repeated.
        #expect(requests[1]["Idempotency-Key"] != requests[3]["Idempotency-Key"])
    }

    @Test func `A change of nothing sends nothing`() async throws {
        let server = try TestServer(inOrder: [read("Ada", 1)])
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        #expect(try await users.modify(1) { $0.name = "Ada" }.name == "Ada")
        #expect(server.requests.map(\.target) == ["GET /users/1"])
    }

    @Test func `It gives up when others were faster each time`() async throws {
        let server = try TestServer { request in request.target.hasPrefix("GET") ? read("Ada", 1) : stale }
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        var calls = 0
        let error = await failure { () throws(MartletError) in
            try await users.modify(1, maxAttempts: 3) {
                calls += 1
                $0.name = "Eve"
            }
        }
        #expect(error?.problem?.code == .preconditionFailed)
        #expect(calls == 3)
        #expect(server.requests.count == 6)
    }

    @Test func `Any other refusal ends it`() async throws {
        let server = try TestServer(inOrder: [read("Ada", 1), problem("409 Conflict", "unique_taken")])
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let error = await failure { () throws(MartletError) in try await users.modify(1) { $0.name = "Eve" } }
        #expect(error?.problem?.code == .uniqueTaken)
        #expect(server.requests.count == 2)
    }
}
