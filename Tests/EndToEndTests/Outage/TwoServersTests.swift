import MartletClient
import MartletModel
import MartletTesting
import Testing
import UsersModel

/// Two servers on one PostgreSQL are as one.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct TwoServersTests {
    private let folder: TemporaryFolder
    private let servers: [LiveServer]
    private let users: [ResourceClient<User>]

    /// Both start at once on an empty database.
    init() async throws {
        folder = try TemporaryFolder()
        let configuration = LiveServer.Configuration(settings: [
            "storage.use": "postgres", "storage.postgres.url": try await PostgresDatabases.url(in: folder.path),
        ])
        async let (one, other) = (
            LiveServer(configuration: configuration), LiveServer(configuration: configuration)
        )
        servers = try await [one, other]
        users = try servers.map { try MartletClient($0.url).resource(User.self) }
    }

    @Test func `a value that is taken on one is taken on the other`() async throws {
        for round in 0..<20 {
            let made = await both { users in
                try await users.create {
                    $0.name = "Ada"; $0.email = "ada\(round)@example.org"
                }
            }
            #expect(made.compactMap { try? $0.get() }.count == 1)
            for case .failure(let error) in made {
                #expect((error as? MartletError)?.problem?.code == .uniqueTaken, "\(error)")
            }
        }
        #expect(try await users[0].all() == users[1].all())
        #expect(try await users[0].all().count == 20)
    }

    @Test func `no change is lost between the two`() async throws {
        let made = try await users[0].create {
            $0.name = "#"; $0.email = "ada@example.org"
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask { [users] in
                    for _ in 0..<5 {
                        try await users[writer % 2].modify(made.id, maxAttempts: 200) { $0.name += "\(writer)" }
                    }
                }
            }
            try await group.waitForAll()
        }
        for users in users {
            #expect(try await users.get(made.id).name.count == 1 + 4 * 5)
        }
    }

    @Test func `a key sent to both at once is one record, and all answers are the same`() async throws {
        for round in 0..<20 {
            let made = await both { users in
                try await users.createStored(idempotencyKey: "key \(round)") {
                    $0.name = "Ada"; $0.email = "ada\(round)@example.org"
                }
            }
            let stored = try made.map { try $0.get() }
            #expect(stored[0] == stored[1])
        }
        #expect(try await users[0].all().count == 20)
    }

    /// Does the same on both at once.
    private func both<Value: Sendable>(
        _ call: @escaping @Sendable (ResourceClient<User>) async throws -> Value
    ) async -> [Result<Value, any Error>] {
        await withTaskGroup(of: Result<Value, any Error>.self) { group in
            for users in users {
                group.addTask {
                    do { return .success(try await call(users)) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
