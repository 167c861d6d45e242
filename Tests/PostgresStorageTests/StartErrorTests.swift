import MartletKernel
import MartletTesting
import Testing

@testable import PostgresStorage

/// A start that fails says whether waiting may help.
struct StartErrorTests {
    let postgres: PostgresServer
    let address: PostgresAddress

    init() async throws {
        postgres = try await PostgresServer()
        address = try await postgres.makeDatabase()
    }

    /// Why a start fails, and whether waiting may help.
    private func failure(_ url: String) async throws -> (isTransient: Bool, text: String) {
        let database = PostgresDatabase(PostgresDatabase.Options(url: url))
        let notes = try Fixture.notes()
        let error = await #expect(throws: StorageError.self) { try await database.prepare([notes]) }
        await database.close()
        return switch error {
        case .unavailable(let text): (true, text)
        case .unusable(let text): (false, text)
        default: (false, "another error: \(String(describing: error))")
        }
    }

    @Test func `a role or a database that isn't there has to be made by somebody`() async throws {
        let role = try await failure(address.url + "&user=nobody_at_all")
        #expect(
            !role.isTransient && role.text.contains("nobody_at_all") && role.text.hasSuffix("(28000)"), "\(role.text)")
        let database = try await failure(address.url + "&dbname=nowhere_at_all")
        #expect(!database.isTransient && database.text.hasSuffix("(3D000)"), "\(database.text)")
    }

    @Test func `a role without a connection left may have one later`() async throws {
        try await address.run("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
        let crowded = try await failure(address.url + "&user=crowded")
        #expect(crowded.isTransient && crowded.text.hasSuffix("(53300)"), "\(crowded.text)")
    }

    @Test func `a server that isn't there may come`() async throws {
        let missing = try await failure("postgresql://ada@127.0.0.1:1/nowhere")
        #expect(missing.isTransient && missing.text.contains("127.0.0.1"), "\(missing.text)")
    }
}
