import MartletClient
import MartletModel
import Testing
import UsersModel

/// Many records in one request.
@Suite struct BulkTests {
    @Test func `createAll posts an array and returns the records in its order`() async throws {
        let server = try TestServer { _ in answer("201 Created", "[\(json(1, "a")),\(json(2, "b"))]") }
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let drafts = ["a", "b"].map { name in Draft<User> { $0.name = name } }
        #expect(try await users.createAll(drafts).map(\.name) == ["a", "b"])
        #expect(try await users.createAll(["a", "b"]) { $0.name = $1 }.map(\.id) == [1, 2])
        #expect(server.requests.map(\.target) == ["POST /users", "POST /users"])
        #expect(server.requests.map(\.text) == Array(repeating: #"[{"name":"a"},{"name":"b"}]"#, count: 2))
    }

    @Test func `Nothing is sent for nothing`() async throws {
        let server = try TestServer { _ in answer("201 Created", "[]") }
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        #expect(try await users.createAll([Draft<User>]()).isEmpty)
        #expect(server.requests.isEmpty)
    }

    @Test func `An answer with fewer records is not taken for all`() async throws {
        let server = try TestServer { _ in answer("201 Created", json(1)) }
        defer { server.stop() }
        let users = try MartletClient(server.url).resource(User.self)
        let error = await failure { () throws(MartletError) in
            try await users.createAll(1...2) { $0.name = "\($1)" }
        }
        #expect(error == .invalidResponse("1 records instead of 2", mayHaveTakenEffect: true))
    }
}
