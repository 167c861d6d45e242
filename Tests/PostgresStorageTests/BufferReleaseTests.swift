import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// libpq's buffers grow to the largest message, and shrink only with their connection.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct BufferReleaseTests {
    private let fixture: Fixture
    private let texts: ResourceSchema

    init() async throws {
        fixture = try await Fixture()
        texts = try ResourceSchema(
            "texts", [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("text", .string)])
    }

    private func insertion(_ length: Int) throws -> Mutation {
        var rows = RowBatch(width: texts.width)
        rows.appendAbsentRow()
        rows.set(row: 0, column: 1, to: String(repeating: "a", count: length))
        return Mutation(texts, .insert(try ValidatedRow(rows, texts, for: .create)))
    }

    /// By the connections that carry it.
    private func carryLargeMessage(by purpose: String, _ database: PostgresDatabase) async throws {
        switch purpose {
        case "reads": _ = try await database.rows(for: Query(texts, .key(.integer(1))), .test)
        case "writes": _ = try await database.commit(Transaction([insertion(1_000_000)], at: .epoch), .test)
        // A transaction by itself.
        default:
            _ = try await database.commit(
                Transaction([insertion(1_000_000), Mutation(texts, .delete(.integer(7)))], at: .epoch), .test)
        }
    }

    @Test(arguments: ["reads", "writes", "others"])
    func `a connection that has carried a large message is closed, while others go on`(_ purpose: String) async throws {
        try await fixture.open([texts], fixture.options { $0.connections = 1 }) { database in
            _ = try await database.commit(Transaction([insertion(1_000_000)], at: .epoch), .test)
            for _ in 0..<9 { _ = try await database.commit(Transaction([insertion(1)], at: .epoch), .test) }
            try await carryLargeMessage(by: purpose, database)
            let ours =
                "FROM pg_stat_activity WHERE application_name = 'martlet \(purpose)' AND datname = current_database()"
            let processes = try await fixture.address.run("SELECT array_agg(pid) \(ours)")
            let left = "SELECT count(*) \(ours) AND pid = ANY ('\(processes)')"
            let before = try await fixture.address.run(left)
            let end = ContinuousClock.now + .seconds(120)
            var next = ContinuousClock.now + .seconds(15)
            while try await fixture.address.run(left) == before {
                try #require(.now < end, "all are left: \(processes)")
                // On a busy machine it was done elsewhere, perhaps.
                if .now >= next {
                    try await carryLargeMessage(by: purpose, database)
                    next = .now + .seconds(15)
                }
                let rows = try await database.rows(for: Query(texts, .key(.integer(2))), .test)
                #expect(rows.count == 1)
                _ = try await database.commit(Transaction([insertion(1)], at: .epoch), .test)
            }
        }
    }
}
