import MartletClient
import MartletModel
import MartletTesting
import Testing
import UsersModel

/// Writes whose answers get lost, and that are sent again.
@Suite struct RetryTests {
    @Test(arguments: LiveServer.Configuration.all)
    func `a write whose answer is lost is done once`(_ configuration: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: configuration)
        let proxy = try LossyProxy(to: server.url, losing: 2)
        defer { proxy.stop() }
        let users = try client(proxy.url).resource(User.self)
        let ada = try await users.create {
            $0.name = "Ada"
            $0.email = "ada@example.org"
        }
        #expect(proxy.requestCount == 3)
        #expect(try await MartletClient(server.url).resource(User.self).all() == [ada])
        #expect(try await server.terminate() == .exited(0))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `so is every other kind of write`(_ configuration: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: configuration)
        let direct = try MartletClient(server.url).resource(User.self)
        let made = try await direct.createAll(1...3) {
            $0.name = "User \($1)"
            $0.email = "u\($1)@example.org"
        }
        try await losing(server) { try await $0.update(made[0].id) { $0.name = "Eve" } }
        let stored = try await direct.fetch(made[1].id)
        let changed = try await losing(server) { try await $0.update(stored) { $0.name = "Bob" } }
        #expect(try await direct.fetch(made[1].id) == changed)
        try await losing(server) { try await $0.delete(made[2].id) }
        try await losing(server) {
            try await $0.createAll(4...5) {
                $0.name = "x"; $0.email = "u\($1)@example.org"
            }
        }
        #expect(try await direct.all().map(\.name) == ["Eve", "Bob", "x", "x"])
        #expect(try await server.terminate() == .exited(0))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `a key of one's own holds over another client and a restart`(
        _ configuration: LiveServer.Configuration
    ) async throws {
        let server = try await LiveServer(configuration: configuration)
        func create(_ name: String) async throws -> Stored<User> {
            try await MartletClient(server.url).resource(User.self).createStored(idempotencyKey: "order 7") {
                $0.name = name
                $0.email = "ada@example.org"
            }
        }
        let first = try await create("Ada")
        try await server.restart()
        #expect(try await create("Ada") == first)
        await #expect { _ = try await create("Eve") } throws: {
            ($0 as? MartletError)?.problem?.code == .idempotencyKeyReused
        }
        #expect(try await MartletClient(server.url).resource(User.self).all() == [first.record])
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `without repeating, a lost answer is told as one`(_ configuration: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: configuration)
        let proxy = try LossyProxy(to: server.url, losing: 1)
        defer { proxy.stop() }
        let users = try client(proxy.url, .none).resource(User.self)
        await #expect {
            _ = try await users.create {
                $0.name = "Ada"; $0.email = "ada@example.org"
            }
        } throws: {
            ($0 as? MartletError)?.mayHaveTakenEffect == true
        }
        #expect(proxy.requestCount == 1)
        #expect(try await users.all().map(\.name) == ["Ada"])
    }

    private func client(_ url: String, _ retry: RetryPolicy = RetryPolicy()) throws -> MartletClient {
        var configuration = ClientConfiguration()
        configuration.retry = retry
        // On a busy machine one attempt after the other may wait long for a thread.
        configuration.deadline = .seconds(240)
        return try MartletClient(url, configuration)
    }

    /// Does a write over a connection that loses its first answer.
    @discardableResult
    private func losing<Result>(
        _ server: LiveServer, _ write: (ResourceClient<User>) async throws -> Result
    ) async throws -> Result {
        let proxy = try LossyProxy(to: server.url, losing: 1)
        defer { proxy.stop() }
        let result = try await write(client(proxy.url).resource(User.self))
        #expect(proxy.requestCount == 2)
        return result
    }
}

extension ResourceClient {
    func all() async throws -> [M] {
        try await list(limit: 1000).reduce(into: []) { $0.append($1) }
    }
}
