import Logging
import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// Answers that aren't whole, and a database that says nothing while nobody asks.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct BrokenAnswerTests {
    private let postgres: PostgresServer
    private let address: PostgresAddress
    private let proxy: PostgresProxy
    private let notes: ResourceSchema

    init() async throws {
        postgres = try await PostgresServer()
        address = try await postgres.makeDatabase()
        proxy = try PostgresProxy(to: address, of: postgres)
        notes = try Fixture.notes()
    }

    private func open(_ body: (PostgresDatabase) async throws -> Void) async throws {
        var options = PostgresDatabase.Options(url: proxy.address.url)
        options.timeout = .seconds(10)
        let database = PostgresDatabase(
            options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await database.prepare([notes])
        do {
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private var reads: [Query] {
        get throws {
            let filter = try Filter([[FilterTerm(1, of: notes, .likeIgnoringCase, "*a*", parameter: "title")]])
            return [
                Query(notes, .key(.integer(1))), Query(notes, .page(after: nil, limit: 10)),
                Query(notes, .list(Query.List(filter, order: notes.totalOrder([]), limit: 10))),
                Query(notes, .count(filter)),
            ]
        }
    }

    @Test func `rows that get lost on the way are an error, and neither missing records nor a crash`() async throws {
        try await open { database in
            try await database.insert("a", into: notes)
            proxy.set(.loseRows, at: .bind)
            for query in try reads {
                await #expect(throws: StorageError.self) { try await database.rows(for: query) }
            }
            await #expect(throws: StorageError.self) { try await database.insert("b", into: notes) }
            let two = try Transaction(
                [.inserting("c", into: notes), .setting("title", to: "t", of: .integer(1), in: notes)], at: .epoch)
            await #expect(throws: StorageError.self) { try await database.commit(two) }
            proxy.set(nil)
            let end = ContinuousClock.now + .seconds(60)
            while await database.health() != .ready {
                try #require(.now < end)
                try await Task.sleep(for: .milliseconds(20))
            }
            for query in try reads {
                let count = try await database.rows(for: query).count
                #expect(count >= 1)
            }
        }
    }

    @Test func `a database that says nothing is told by the health before anybody asks for anything`() async throws {
        try await open { database in
            #expect(await database.health() == .ready)
            proxy.set(.stall, at: .sync)
            let end = ContinuousClock.now + .seconds(120)
            while await database.health() == .ready {
                try #require(.now < end)
                try await Task.sleep(for: .milliseconds(50))
            }
            proxy.set(nil)
            while await database.health() != .ready {
                try #require(.now < end)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test func `a start that is called off ends at once, also while it connects or waits for a lock`() async throws {
        proxy.set(.stall, at: .startup)
        let began = ContinuousClock.now
        let database = PostgresDatabase(
            PostgresDatabase.Options(url: "\(proxy.address.url)&connect_timeout=1000"),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let starting = Task { try await database.prepare([notes]) }
        try await Task.sleep(for: .milliseconds(200))
        starting.cancel()
        await #expect(throws: StorageError.self) { try await starting.value }
        #expect(.now - began < .seconds(500))
        proxy.set(nil)
    }

    @Test func `a start whose commit no standby confirms fails, and names the setting`() async throws {
        try await address.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await address.run("SELECT pg_reload_conf()")
        try await Task.sleep(for: .milliseconds(500))
        let error = await #expect(throws: StorageError.self) { try await open { _ in } }
        #expect("\(String(describing: error))".contains("synchronous_standby_names is nobody"))
    }
}
