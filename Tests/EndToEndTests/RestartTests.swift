import MartletClient
import MartletModel
import MartletTesting
import Testing
import UsersModel

@Suite struct RestartTests {
    @Test(arguments: LiveServer.Configuration.all)
    func `users and their ids outlive the server`(_ configuration: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: configuration)
        let first = try MartletClient(server.url).resource(User.self)
        let ada = try await first.create {
            $0.name = "Ada"; $0.email = "ada@example.org"
        }
        let bob = try await first.create {
            $0.name = "Bob"; $0.email = "bob@example.org"
        }
        try await first.delete(bob.id)

        try await server.restart()
        let second = try MartletClient(server.url).resource(User.self)
        #expect(try await second.list().reduce(into: []) { $0.append($1) } == [ada])
        let eve = try await second.create {
            $0.name = "Eve"; $0.email = "eve@example.org"
        }
        #expect(eve.id > bob.id)
        await #expect {
            _ = try await second.create {
                $0.name = "Ada"; $0.email = "ADA@example.org"
            }
        } throws: { ($0 as? MartletError)?.problem?.code == .uniqueTaken }
    }

    @Test func `a second server on the same SQLite database is refused, and harms nothing`() async throws {
        let server = try await LiveServer(configuration: .sqlite)
        let users = try MartletClient(server.url).resource(User.self)
        let ada = try await users.create {
            $0.name = "Ada"; $0.email = "ada@example.org"
        }
        let second = LiveServer.Configuration(settings: ["storage.sqlite.path": server.folder.file("martlet.db")])
        let error = try await #require(throws: LiveServerError.self) { try await LiveServer(configuration: second) }
        #expect(error.ending == .exited(69))
        #expect(error.description.contains("martlet.db"))
        #expect(try await users.get(ada.id) == ada)
    }
}
