import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// What no index bounds: others don't notice it, it ends, and operators hear of it.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct ScanTests {
    private let fixture: Fixture
    private let notes: ResourceSchema
    private let texts: ResourceSchema

    init() async throws {
        fixture = try await Fixture()
        notes = try Fixture.notes()
        texts = try ResourceSchema(
            "texts", [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("text", .string)])
    }

    private func open(
        _ log: InMemoryLogHandler = InMemoryLogHandler(), timeout: Duration = .seconds(30),
        _ body: (PostgresDatabase) async throws -> Void
    ) async throws {
        let options = fixture.options { ($0.timeout, $0.slowScanRows) = (timeout, 100) }
        try await fixture.open([notes, texts], options, log: log, body)
    }

    private func texts(with pattern: String) throws -> Query {
        let term = try FilterTerm(1, of: texts, .likeIgnoringCase, pattern, parameter: "text")
        return Query(
            texts, .list(Query.List(Filter([[term]]), order: texts.totalOrder([]), limit: 10)), origin: "GET /texts")
    }

    @Test func `those that wait hold up no other reads, and end in time`() async throws {
        try await open(timeout: .seconds(10)) { database in
            try await fixture.fill(10)
            let query = try texts(with: "*a*")
            // As if each of them took longer than it may.
            try await fixture.whileOthers("LOCK TABLE texts") { () async throws in
                let scans = (0..<80).map { _ in Task { try await database.rows(for: query, .test) } }
                for key in 1...10 {
                    #expect(try await database.rows(for: Query(notes, .key(.integer(Int64(key)))), .test).count == 1)
                }
                var (late, refused) = (0, 0)
                for scan in scans {
                    switch await scan.result {
                    case .failure(let error as StorageError) where error == .deadlineExceeded: late += 1
                    // By the limit of a wait for a lock.
                    case .failure(StorageError.timedOut): late += 1
                    case .failure(let error as StorageError) where error == .overloaded: refused += 1
                    case .success, .failure: Issue.record("neither late nor refused")
                    }
                }
                #expect(late == 64 && refused == 16)
            }
            #expect(try await database.rows(for: query, .test).isEmpty)
        }
    }

    @Test func `lists that an index bounds wait for a lock, but not on connections that are shared`() async throws {
        try await open { database in
            try await fixture.fill(10)
            let query = Query(notes, .list(Query.List(order: notes.totalOrder([SortTerm(1)]), limit: 5)))
            let lists = try await fixture.whileOthers("LOCK TABLE notes") { () async throws in
                let lists = (0..<30).map { _ in Task { try await database.rows(for: query, .test) } }
                #expect(try await database.rows(for: Query(texts, .key(.integer(1))), .test).isEmpty)
                return lists
            }
            for list in lists { #expect(try await list.value.count == 5) }
        }
    }

    @Test func `one that looks at many rows is logged, also when it doesn't end in time`() async throws {
        let log = InMemoryLogHandler()
        func warnings() -> [String] {
            log.entries.filter { $0.level == .warning }.map { line in
                let values = ["route", "resource", "rows"].map { line.metadata[$0]?.description ?? "" }
                return "\(line.message): \(values.joined(separator: ", "))"
            }
        }
        try await open(log) { database in
            try await fixture.address.run("INSERT INTO texts (text) SELECT n FROM generate_series(1, 1000) AS n")
            #expect(try await database.rows(for: texts(with: "*77"), .test).count == 10)
            #expect(try await database.rows(for: Query(texts, .count(.all)), .test)[0, 0].integer == 1000)
        }
        let message = "a read has looked at many rows"
        #expect(warnings() == ["\(message): GET /texts, texts, 977", "\(message): ?, texts, 1000"])
        try await fixture.address.run("UPDATE texts SET text = repeat('a', 200000)")
        try await open(log, timeout: .milliseconds(400)) { database in
            await #expect(throws: StorageError.deadlineExceeded) {
                try await database.rows(for: texts(with: "*b"), .test)
            }
        }
        let last = try #require(warnings().last)
        #expect(warnings().count == 3 && last.hasPrefix("a read was ended by its deadline: GET /texts, texts, "))
        #expect(try #require(last.split(separator: " ").last.flatMap { Int($0) }) > 1)
    }

    @Test func `one whose client has gone is ended`() async throws {
        try await open(timeout: .seconds(240)) { database in
            try await fixture.address.run(
                "INSERT INTO texts (text) SELECT repeat('a', 1000000) FROM generate_series(1, 500)")
            let query = try texts(with: "*b*b")
            let reading = Task { try await database.rows(for: query, .test) }
            let running = """
                SELECT count(*) FROM pg_stat_activity WHERE application_name = 'martlet scans' AND state = 'active'
                """
            let end = ContinuousClock.now + .seconds(120)
            while try await fixture.address.run(running) == "0", .now < end {
                try await Task.sleep(for: .milliseconds(10))
            }
            reading.cancel()
            await #expect(throws: StorageError.self) { try await reading.value }
            // By itself it would go on until the read's deadline, which is further away than this.
            while try await fixture.address.run(running) != "0", .now < end {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await fixture.address.run(running) == "0")
        }
    }
}
