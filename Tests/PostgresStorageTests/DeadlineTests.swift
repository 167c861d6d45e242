import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Synchronization
import Testing

/// What a write may wait for, and that nothing is left behind when it is given up.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct DeadlineTests {
    private let postgres: PostgresServer
    private let address: PostgresAddress
    private let notes: ResourceSchema

    init() async throws {
        postgres = try await PostgresServer()
        address = try await postgres.makeDatabase()
        notes = try Fixture.notes()
    }

    private func open(
        _ timeout: Duration, _ log: InMemoryLogHandler = InMemoryLogHandler(), url: String? = nil,
        _ body: (PostgresDatabase) async throws -> Void
    ) async throws {
        var options = PostgresDatabase.Options(url: url ?? address.url)
        options.timeout = timeout
        let database = PostgresDatabase(options, logger: Logger(label: "test") { _ in log })
        try await database.prepare([notes])
        do {
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    /// A standby that isn't there is waited for after each commit.
    private func setStandbys(_ names: String) async throws {
        try await address.run("ALTER SYSTEM SET synchronous_standby_names = '\(names)'")
        try await address.run("SELECT pg_reload_conf()")
    }

    private func count(_ condition: String) async throws -> String {
        try await address.run("SELECT count(*) FROM pg_stat_activity WHERE \(condition)")
    }

    @Test func `a commit may take as long as the timeout`() async throws {
        try await open(.seconds(60)) { database in
            try await setStandbys("nobody")
            let isOver = Mutex(false)
            // Until the server knows of the setting they are done at once.
            let writing = Task {
                var number = 0
                while !isOver.withLock({ $0 }) {
                    number += 1
                    try await database.insert("\(number)", into: notes)
                }
            }
            while try await count("wait_event = 'SyncRep'") == "0" { try await Task.sleep(for: .milliseconds(20)) }
            // More than the second and a half that it was once given.
            try await Task.sleep(for: .seconds(2))
            isOver.withLock { $0 = true }
            try await setStandbys("")
            try await writing.value
        }
    }

    @Test func `a commit that isn't answered has an unknown outcome, and its backend is ended`() async throws {
        let log = InMemoryLogHandler()
        try await open(.seconds(1), log) { database in
            try await setStandbys("nobody")
            // Until the server knows of the setting.
            let outcome = await Result { for n in 0..<1000 { try await database.insert("\(n)", into: notes) } }
            guard case .failure(StorageError.outcomeUnknown) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let end = ContinuousClock.now + .seconds(60)
            while try await count("wait_event = 'SyncRep'") != "0" {
                try #require(.now < end, "backends are left")
                try await Task.sleep(for: .milliseconds(50))
            }
            try await setStandbys("")
        }
        let line = log.entries.first {
            $0.message == "a statement was given up, and its connection to PostgreSQL ended"
        }
        #expect(line?.metadata["waited for"]?.description == "IPC: SyncRep")
    }

    @Test func `a deletion that takes seconds is done`() async throws {
        try await open(.seconds(60)) { database in
            let key = try #require(try await database.insert("a", into: notes))
            try await address.run(
                """
                CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_sleep(2); RETURN OLD; END';
                CREATE TRIGGER slowly BEFORE DELETE ON notes FOR EACH ROW EXECUTE FUNCTION slowly()
                """)
            let result = try await database.commit(Transaction([Mutation(notes, .delete(key))], at: .epoch))
            guard case .committed = result else {
                Issue.record("\(result)")
                return
            }
        }
    }

    @Test func `a list waits for a connection, and the health tells, when the server has none left`() async throws {
        let database = try #require(address.url.firstMatch(of: #/test_[0-9a-f]+/#)).output
        try await address.run(
            "CREATE ROLE app LOGIN CONNECTION LIMIT 6; ALTER DATABASE \(database) OWNER TO app; GRANT ALL ON SCHEMA public TO app"
        )
        let log = InMemoryLogHandler()
        let url = address.url.replacing("martlet@", with: "app@")
        try await open(.seconds(60), log, url: url) { database in
            // Five are the database's own.
            let holding = Task { [url] in
                try await PostgresAddress(url: url).run("SELECT pg_sleep(600)", within: .seconds(660))
            }
            while try await count("usename = 'app'") != "6" { try await Task.sleep(for: .milliseconds(20)) }
            let filter = try Filter([[FilterTerm(1, of: notes, .likeIgnoringCase, "*a*", parameter: "title")]])
            let list = Query.List(filter, order: notes.totalOrder([]), limit: 10)
            let reading = Task { try await database.rows(for: Query(notes, .list(list))) }
            while case .ready = await database.health() { try await Task.sleep(for: .milliseconds(20)) }
            try await address.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
            _ = await holding.result
            #expect(try await reading.value.isEmpty)
            #expect(await database.health() == .ready)
        }
        #expect(log.entries.contains { "\($0.message)".hasPrefix("PostgreSQL accepts no further connection") })
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
