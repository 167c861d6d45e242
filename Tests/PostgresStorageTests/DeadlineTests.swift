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

    private func wait(_ isSo: () async -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while await !isSo() {
            try #require(.now < end)
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test func `a commit that isn't answered has an unknown outcome, and its backend is ended`() async throws {
        let log = InMemoryLogHandler()
        try await open(.seconds(1), log) { database in
            try await fixture.setStandbys("nobody")
            // A busy machine can end a write too, before the server knows of the setting: so others follow.
            var (number, unknown) = (0, 0)
            try await wait {
                number += 1
                let outcome = await Result { [number] in try await database.insert("\(number)", into: notes) }
                if case .failure(StorageError.outcomeUnknown) = outcome { unknown += 1 }
                return await lacksStandby(database)
            }
            #expect(unknown > 0)
            // No more writes follow. The reason stays until a commit is confirmed, also while the closed connection is replaced.
            try await fixture.wait(for: "wait_event = 'SyncRep'")
            #expect(await lacksStandby(database))
            try await fixture.setStandbys("")
            try await wait { await database.health() == .ready }
        }
        #expect(
            log.entries.contains {
                $0.message == "a statement was given up, and its connection to PostgreSQL ended"
                    && $0.metadata["waited for"]?.description == "IPC: SyncRep"
            })
        for message in ["no synchronous standby confirms commits in time", "commits are confirmed again"] {
            #expect(log.entries.count { $0.message.description == message } == 1)
        }
    }

    /// Returns when the server knows that it is to wait for a standby.
    private func missStandby(_ database: PostgresDatabase) async throws {
        try await fixture.setStandbys("nobody")
        var number = 0
        try await wait {
            number += 1
            _ = await Result { [number] in try await database.insert("s\(number)", into: notes) }
            return await lacksStandby(database)
        }
    }

    private func lacksStandby(_ database: PostgresDatabase) async -> Bool {
        guard case .notReady(let reason) = await database.health() else { return false }
        return reason.contains("synchronous_standby_names")
    }

    @Test func `a write with a key is known when it is repeated, also while no standby confirms it`() async throws {
        try await open(.seconds(2)) { database in
            try await missStandby(database)
            try await withThrowingTaskGroup { group in
                // Others' commits wait too, before the repeated write and together with it.
                for writer in 0..<3 {
                    group.addTask {
                        var number = 0
                        while !Task.isCancelled {
                            number += 1
                            _ = try? await database.insert("\(writer) \(number)", into: notes)
                        }
                    }
                }
                for name in ["a", "b", "c"] {
                    let transaction = Transaction(
                        [try .inserting(name, into: notes)], at: .epoch,
                        idempotency: Idempotency(scope: name, fingerprint: 1))
                    // Its turn may come late.
                    let first = await result(of: transaction, in: database, \.isTimeout, attempts: 100)
                    guard case .failure(StorageError.outcomeUnknown) = first else {
                        throw StorageError.internal("\(first)")
                    }
                    let again = await result(of: transaction, in: database, \.isUnknown, attempts: 3)
                    guard case .success(.replayed(let written)) = again else {
                        throw StorageError.internal("\(again)")
                    }
                    #expect(written[0].record.string(of: written[0].record[0, 2]) == name)
                }
                group.cancelAll()
                try await fixture.setStandbys("")
                try await group.waitForAll()
            }
        }
    }

    /// - Parameter isPreliminary: of an attempt that isn't the last.
    private func result(
        of transaction: Transaction, in database: PostgresDatabase,
        _ isPreliminary: (Result<CommitResult, any Error>) -> Bool, attempts: Int
    ) async -> Result<CommitResult, any Error> {
        var result = await Result { try await database.commit(transaction, .test) }
        for _ in 1..<attempts where isPreliminary(result) {
            result = await Result { try await database.commit(transaction, .test) }
        }
        return result
    }

    @Test func `what is refused waits for no standby`() async throws {
        try await open(.seconds(5)) { database in
            try await database.insert("a", into: notes)
            try await missStandby(database)
            let insertion = Transaction([try .inserting("a", into: notes)], at: .epoch)
            // On a busy machine it may take longer for another reason, but not each time.
            let refused = await result(of: insertion, in: database, \.isTimeout, attempts: 3)
            guard case .success(.refused([Refusal(mutation: 0, .uniqueTaken([2]))])) = refused else {
                throw StorageError.internal("\(refused)")
            }
            try await fixture.setStandbys("")
        }
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
            let result = try await database.commit(Transaction([Mutation(notes, .delete(key))], at: .epoch), .test)
            guard case .committed = result else {
                Issue.record("\(result)")
                return
            }
        }
    }

    @Test func `a list waits for a connection, and the health tells, when the server has none left`() async throws {
        // The list must outlast pauses of a busy machine. A purge would take the one connection that is freed.
        let (address, timeout) = (fixture.address, Duration.seconds(600))
        let database = try #require(address.url.firstMatch(of: #/test_[0-9a-f]+/#)).output
        try await address.run(
            "CREATE ROLE app LOGIN CONNECTION LIMIT 6; ALTER DATABASE \(database) OWNER TO app; GRANT ALL ON SCHEMA public TO app"
        )
        let log = InMemoryLogHandler()
        let app = fixture.at(address.url.replacing("martlet@", with: "app@"))
        try await app.open([notes], app.options { ($0.timeout, $0.purgePause) = (timeout, .seconds(3600)) }, log: log) {
            database in
            // Five are the database's own.
            let holding = Task { try await app.address.run("SELECT pg_sleep(600)", within: .seconds(660)) }
            try await fixture.wait(for: "usename = 'app'") { $0 == 6 }
            let filter = try Filter([[FilterTerm(1, of: notes, .likeIgnoringCase, "*a*", parameter: "title")]])
            let list = Query.List(filter, order: notes.totalOrder([]), limit: 10)
            let reading = Task { try await database.rows(for: Query(notes, .list(list)), .test) }
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

extension Result<CommitResult, any Error> {
    fileprivate var isTimeout: Bool {
        if case .failure(StorageError.timedOut) = self { true } else { false }
    }

    /// The first one isn't over, or nobody knows, or the machine is busy.
    fileprivate var isUnknown: Bool {
        switch self {
        case .success(.refused([Refusal(mutation: 0, .idempotencyKeyInUse)])): true
        case .failure(StorageError.outcomeUnknown): true
        default: isTimeout
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
