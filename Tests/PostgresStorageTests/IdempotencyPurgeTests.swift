import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// How long idempotency entries are kept.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct IdempotencyPurgeTests {
    private static let hour: Int64 = 3_600_000_000
    private let fixture: Fixture
    private let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture(), try Fixture.notes())
    }

    private func open(_ body: (PostgresDatabase) async throws -> Void) async throws {
        try await fixture.open([notes], fixture.options { $0.purgePause = .milliseconds(1) }, body)
    }

    private func commit(_ slug: String, at time: Int64, _ database: PostgresDatabase) async throws -> CommitResult {
        try await database.commit(
            Transaction(
                [.inserting(slug, into: notes)], at: Timestamp(clamping: time),
                idempotency: Idempotency(scope: slug, fingerprint: 1)), .test)
    }

    /// A purge that goes by the time before may still be under way when the first transaction of a time is done.
    private func begin(at time: Int64, _ database: PostgresDatabase) async throws {
        _ = try await commit("first of \(time)", at: time, database)
        try await Task.sleep(for: .seconds(1))
        try await fixture.address.run("DELETE FROM martlet_idempotency")
    }

    private var entries: String {
        get async throws { try await fixture.address.run("SELECT count(*) FROM martlet_idempotency") }
    }

    @Test func `entries age by the time of transactions, not by the clock of the machine`() async throws {
        try await open { database in
            // 1970 and 2100 or so: the one is long past to the machine, the other to come.
            for time in [0, 1_200_000 * Self.hour] {
                try await begin(at: time, database)
                guard case .committed = try await commit("\(time)", at: time, database) else {
                    Issue.record("it was not done")
                    return
                }
                // Dozens of purges.
                try await Task.sleep(for: .milliseconds(200))
                guard case .replayed = try await commit("\(time)", at: time + 1, database) else {
                    Issue.record("it was forgotten")
                    return
                }
            }
        }
    }

    @Test func `entries go by themselves an hour after they were a day old`() async throws {
        try await open { database in
            try await begin(at: 0, database)
            for number in 0..<300 { _ = try await commit("\(number)", at: 0, database) }
            _ = try await commit("a", at: 24 * Self.hour, database)
            try await Task.sleep(for: .milliseconds(200))
            #expect(try await entries == "301")
            _ = try await commit("b", at: 25 * Self.hour, database)
            let end = ContinuousClock.now + .seconds(60)
            while try await entries != "2", .now < end { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try await entries == "2")
        }
    }
}
