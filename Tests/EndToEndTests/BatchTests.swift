import MartletClient
import MartletModel
import MartletTesting
import Testing
import UsersModel

/// Writes that are done together, over the client and a server.
@Suite struct BatchTests {
    @Test(arguments: LiveServer.Configuration.all)
    func `a thousand records are created in one request, or none is`(
        _ configuration: LiveServer.Configuration
    ) async throws {
        let server = try await LiveServer(configuration: configuration)
        let users = try MartletClient(server.url).resource(User.self)
        let made = try await users.createAll(0..<1000) {
            $0.name = "User \($1)"
            $0.email = "u\($1)@example.org"
        }
        #expect(made.map(\.name) == (0..<1000).map { "User \($0)" })
        #expect(try await users.all() == made)
        await #expect {
            _ = try await users.createAll(["new", "u7"]) {
                $0.name = $1; $0.email = "\($1)@example.org"
            }
        } throws: { error in
            let problem = (error as? MartletError)?.problem
            return problem?.code == .uniqueTaken && problem?.errors.map(\.location) == [.pointer("#/1/email")]
        }
        await #expect {
            _ = try await users.createAll(["", "y"]) {
                $0.name = $1; $0.email = "\($1)@example.org"
            }
        } throws: { error in
            (error as? MartletError)?.problem?.errors.map(\.location) == [.pointer("#/0/name"), .pointer("#/0/email")]
        }
        #expect(try await users.all().count == 1000)
        #expect(try await server.terminate() == .exited(0))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `a batch uses its own results`(_ configuration: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: configuration)
        let client = try MartletClient(server.url)
        let users = client.resource(User.self)
        let old = try await users.createStored {
            $0.name = "Old"; $0.email = "old@example.org"
        }
        let (ada, copies, renamed) = try await client.batch { batch in
            let ada = batch.create(User.self) {
                $0.name = "Ada"; $0.email = "ada@example.org"
            }
            let copies = (1...2).map { number in
                batch.create(User.self) {
                    $0.name = ada.email
                    $0.email = "copy\(number)@example.org"
                }
            }
            let renamed = batch.update(ada) { $0.name = "Ada L." }
            batch.delete(User.self, copies[0].id)
            batch.delete(old)
            return (ada, copies, renamed)
        }
        #expect(ada.name == "Ada" && renamed.name == "Ada L." && renamed.id == ada.id && renamed.etag != ada.etag)
        #expect(copies.map(\.name) == ["ada@example.org", "ada@example.org"])
        #expect(try await users.all() == [renamed.record, copies[1].record])
        #expect(try await users.fetch(ada.id) == renamed)
        #expect(try await server.terminate() == .exited(0))
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `one stale version undoes the whole batch`(_ configuration: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: configuration)
        let client = try MartletClient(server.url)
        let users = client.resource(User.self)
        let ada = try await users.createStored {
            $0.name = "Ada"; $0.email = "ada@example.org"
        }
        let newer = try await users.update(ada) { $0.name = "Ada L." }
        func batch(_ version: Stored<User>) async throws {
            try await client.batch { batch in
                batch.create(User.self) {
                    $0.name = "Eve"; $0.email = "eve@example.org"
                }
                batch.update(version) { $0.name = "Lost" }
            }
        }
        await #expect { try await batch(ada) } throws: { error in
            (error as? MartletError)?.problem?.code == .preconditionFailed
        }
        #expect(try await users.all() == [newer.record])
        try await batch(newer)
        #expect(try await users.all().map(\.name) == ["Lost", "Eve"])
        #expect(try await server.terminate() == .exited(0))
    }
}
