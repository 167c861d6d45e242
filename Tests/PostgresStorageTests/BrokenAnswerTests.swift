import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import PostgresStorage

/// Answers that aren't whole, and a database that says nothing while nobody asks.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct BrokenAnswerTests {
    private let fixture: Fixture
    private let proxy: PostgresProxy
    private let notes: ResourceSchema

    init() async throws {
        fixture = try await Fixture.withOwnServer()
        (proxy, notes) = (try fixture.proxy(), try Fixture.notes())
    }

    private func open(
        timeout: Duration = .seconds(10), _ body: (PostgresDatabase) async throws -> Void = { _ in }
    ) async throws {
        let proxied = fixture.at(proxy.address.url)
        try await proxied.open([notes], proxied.options { $0.timeout = timeout }, body)
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
                await #expect(throws: StorageError.self) { try await database.rows(for: query, .test) }
            }
            await #expect(throws: StorageError.self) { try await database.insert("b", into: notes) }
            let two = try Transaction(
                [.inserting("c", into: notes), .setting("title", to: "t", of: .integer(1), in: notes)], at: .epoch)
            await #expect(throws: StorageError.self) { try await database.commit(two, .test) }
            proxy.set(nil)
            let end = ContinuousClock.now + .seconds(60)
            while await database.health() != .ready {
                try #require(.now < end)
                try await Task.sleep(for: .milliseconds(20))
            }
            for query in try reads {
                let count = try await database.rows(for: query, .test).count
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

    /// Starts, and calls it off when it waits. By itself it would wait for much longer than a test may take.
    private func startAndCallOff(_ connection: Fixture, _ isWaiting: () async throws -> Void) async throws {
        let starting = Task { [notes] in try await connection.database().prepare([notes]) }
        try await isWaiting()
        starting.cancel()
        await #expect(throws: StorageError.self) { try await starting.value }
    }

    @Test(.timeLimit(.minutes(5))) func `a start that is called off while it connects ends at once`() async throws {
        proxy.set(.stall, at: .startup)
        try await startAndCallOff(fixture.at(proxy.address.url).with("connect_timeout", "1000")) {
            while proxy.hits == 0 { try await Task.sleep(for: .milliseconds(20)) }
        }
        proxy.set(nil)
    }

    @Test(.timeLimit(.minutes(5))) func `a start that is called off while another server migrates ends at once`()
        async throws
    {
        try await fixture.whileOthers(Self.migrationLock) {
            try await startAndCallOff(fixture) {
                try await fixture.wait(for: "wait_event = 'advisory'")
            }
        }
    }

    /// What a migration has locked.
    private static let migrationLock = Migrator.opening(in: "public").last ?? ""

    @Test(.timeLimit(.minutes(5))) func `a start whose commit no standby confirms fails, and leaves nothing behind`()
        async throws
    {
        try await fixture.setStandbys("nobody")
        // The server has read it.
        while try await fixture.address.run("SHOW synchronous_standby_names") != "nobody" {}
        let error = await #expect(throws: StorageError.self) { try await open(timeout: .seconds(1)) }
        #expect("\(String(describing: error))".contains("synchronous_standby_names is nobody"))
        // It would keep its locks, and the next start waiting.
        try await fixture.wait(for: "wait_event = 'SyncRep'") { $0 == 0 }
        try await open()
    }

    @Test(.timeLimit(.minutes(5))) func `a start that another's commit keeps waiting says for which standby`()
        async throws
    {
        try await fixture.setStandbys("nobody")
        while try await fixture.address.run("SHOW synchronous_standby_names") != "nobody" {}
        let other = Task {
            try await fixture.address.run(
                "BEGIN; \(Self.migrationLock); CREATE TABLE others (); COMMIT", within: .seconds(600))
        }
        try await fixture.wait(for: "wait_event = 'SyncRep'")
        let error = await #expect(throws: StorageError.self) { try await open(timeout: .seconds(1)) }
        let text = "\(String(describing: error))"
        #expect(text.contains("waits for a synchronous standby") && text.contains("names is nobody"), "\(text)")
        try await fixture.setStandbys("")
        _ = try await other.value
        try await open()
    }
}
