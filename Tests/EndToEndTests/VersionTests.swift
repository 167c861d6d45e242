import MartletClient
import MartletModel
import MartletTesting
import Testing
import UsersModel

/// Two people change one record.
@Suite struct VersionTests {
    private func start(_ configuration: LiveServer.Configuration) async throws -> (LiveServer, ResourceClient<User>) {
        let server = try await LiveServer(configuration: configuration)
        return (server, try MartletClient(server.url).resource(User.self))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `whoever comes second is refused, and nobody's change is lost`(
        _ configuration: LiveServer.Configuration
    ) async throws {
        let (server, users) = try await start(configuration)
        let made = try await users.createStored {
            $0.name = "Ada"
            $0.email = "ada@example.org"
        }
        var (first, second) = (try await users.fetch(made.id), try await users.fetch(made.id))
        #expect(first == made && second == made)
        first.name = "Ada L."
        let stored = try await users.replace(first)
        #expect(stored.record == first.record && stored.etag != first.etag)

        second.email = "ada@example.com"
        await expectStale { _ = try await users.replace(second) }
        await expectStale { _ = try await users.update(second) { $0.email = "x@example.org" } }
        await expectStale { _ = try await users.update(made.id, ifMatch: made.etag) { $0.email = "x@example.org" } }
        await expectStale { try await users.delete(second) }
        #expect(try await users.fetch(made.id) == stored)
        #expect(try await users.fetch(made.id, unlessMatching: stored.etag) == nil)
        #expect(try await users.fetch(made.id, unlessMatching: made.etag) == stored)
        try await users.delete(stored)
        await #expect { _ = try await users.get(made.id) } throws: {
            ($0 as? MartletError)?.problem?.code == .notFound
        }
        #expect(try await server.terminate() == .exited(0))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `modify keeps every one of many changes at once`(_ configuration: LiveServer.Configuration) async throws {
        let (server, users) = try await start(configuration)
        let made = try await users.create {
            $0.name = "#"
            $0.email = "ada@example.org"
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for _ in 0..<5 { try await users.modify(made.id, maxAttempts: 100) { $0.name += "\(writer)" } }
                }
            }
            try await group.waitForAll()
        }
        let name = try await users.get(made.id).name
        #expect(name.sorted() == ("#" + (0..<8).map { String(repeating: "\($0)", count: 5) }.joined()).sorted())
        #expect(try await server.terminate() == .exited(0))
    }

    private func expectStale(_ write: () async throws -> Void) async {
        await #expect { try await write() } throws: { error in
            let error = error as? MartletError
            return error?.problem?.code == .preconditionFailed && error?.mayHaveTakenEffect == false
        }
    }
}
