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
    private let fixture: Fixture
    private let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture.withOwnServer(), try Fixture.notes())
    }

    private func open(
        _ timeout: Duration, _ log: InMemoryLogHandler = InMemoryLogHandler(),
        _ body: (PostgresDatabase) async throws -> Void
    ) async throws {
        try await fixture.open([notes], fixture.options { $0.timeout = timeout }, log: log, body)
    }

    @Test func `a commit may take as long as the timeout`() async throws {
        try await open(.seconds(60)) { database in
            try await fixture.setStandbys("nobody")
            let isOver = Mutex(false)
            // Until the server knows of the setting they are done at once.
            let writing = Task {
                var number = 0
                while !isOver.withLock({ $0 }) {
                    number += 1
                    try await database.insert("\(number)", into: notes)
                }
            }
            try await fixture.wait(for: "wait_event = 'SyncRep'")
            // More than the second and a half that it was once given.
            try await Task.sleep(for: .seconds(2))
            isOver.withLock { $0 = true }
            try await fixture.setStandbys("")
            try await writing.value
        }
    }

    @Test func `a commit that isn't answered has an unknown outcome, and its backend is ended`() async throws {
        let log = InMemoryLogHandler()
        try await open(.seconds(1), log) { database in
            try await fixture.setStandbys("nobody")
            // Until the server knows of the setting.
            let outcome = await Result { for n in 0..<1000 { try await database.insert("\(n)", into: notes) } }
            guard case .failure(StorageError.outcomeUnknown) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            try await fixture.wait(for: "wait_event = 'SyncRep'") { $0 == 0 }
            try await fixture.setStandbys("")
        }
        let line = log.entries.first {
            $0.message == "a statement was given up, and its connection to PostgreSQL ended"
        }
        #expect(line?.metadata["waited for"]?.description == "IPC: SyncRep")
    }

    @Test func `a deletion that takes seconds is done`() async throws {
        try await open(.seconds(60)) { database in
            let key = try #require(try await database.insert("a", into: notes))
            try await fixture.address.run(
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
        let (address, timeout) = (fixture.address, Duration.seconds(60))
        let database = try #require(address.url.firstMatch(of: #/test_[0-9a-f]+/#)).output
        try await address.run(
            "CREATE ROLE app LOGIN CONNECTION LIMIT 6; ALTER DATABASE \(database) OWNER TO app; GRANT ALL ON SCHEMA public TO app"
        )
        let log = InMemoryLogHandler()
        let app = fixture.at(address.url.replacing("martlet@", with: "app@"))
        try await app.open([notes], app.options { $0.timeout = timeout }, log: log) { database in
            // Five are the database's own.
            let holding = Task { try await app.address.run("SELECT pg_sleep(600)", within: .seconds(660)) }
            try await fixture.wait(for: "usename = 'app'") { $0 == 6 }
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
