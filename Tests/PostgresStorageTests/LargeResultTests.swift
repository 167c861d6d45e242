import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// Rows of many bytes: pages end while they are read, and what the server holds is counted.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct LargeResultTests {
    private let fixture: Fixture
    private let texts: ResourceSchema

    init() async throws {
        fixture = try await Fixture()
        texts = try ResourceSchema(
            "texts",
            [
                FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("rank", .integer, [.indexed]),
                FieldSchema("text", .string),
            ])
    }

    /// 300 rows of 100 KB.
    private func open(_ body: (PostgresDatabase) async throws -> Void) async throws {
        try await fixture.open([texts]) { database in
            try await fixture.address.run(
                "INSERT INTO texts (rank, text) SELECT n, repeat('a', 100000) FROM generate_series(1, 300) AS n")
            try await body(database)
        }
    }

    /// By the order of keys, by an index, and with none.
    private func selections() throws -> [Query.Selection] {
        let term = try FilterTerm(2, of: texts, .likeIgnoringCase, "*a*", parameter: "text")
        return [
            .page(after: nil, limit: 1000), .list(Query.List(order: texts.totalOrder([SortTerm(1)]), limit: 1000)),
            .list(Query.List(Filter([[term]]), order: texts.totalOrder([]), limit: 1000)),
        ]
    }

    @Test func `a page ends with the row that exceeds its bytes, and others are read meanwhile`() async throws {
        try await open { database in
            for selection in try selections() {
                for _ in 0..<3 {
                    async let other = database.rows(for: Query(texts, .key(.integer(300))), .test)
                    let rows = try await database.rows(for: Query(texts, selection, maxBytes: 1 << 20), .test)
                    #expect(rows.count == 11 && rows.byteCount > 1 << 20, "\(selection): \(rows.count)")
                    #expect(rows[10, 0].integer == 11)
                    let count = try await other.count
                    #expect(count == 1)
                }
            }
            let whole = try await database.rows(for: Query(texts, .page(after: nil, limit: 1000)), .test)
            #expect(whole.count == 300)
        }
    }

    @Test func `rows that the budget has no room for are refused, and hold nothing afterwards`() async throws {
        try await open { database in
            let budget = BufferBudget(limit: 1 << 20)
            for selection in try selections() {
                var query: Query? = Query(texts, selection, reservation: BufferReservation(in: budget))
                let error = await #expect(throws: StorageError.self) {
                    try await database.rows(for: query ?? Query(texts, selection), .test)
                }
                #expect(error == .overloaded)
                query = nil
            }
            let end = ContinuousClock.now + .seconds(30)
            while budget.bytesInUse > 0, .now < end { try await Task.sleep(for: .milliseconds(10)) }
            #expect(budget.bytesInUse == 0)
        }
    }

    @Test func `a record larger than what shared connections read comes whole`() async throws {
        try await open { database in
            try await fixture.address.run("UPDATE texts SET text = repeat('b', 20000000) WHERE id = 7")
            for _ in 0..<3 {
                let rows = try await database.rows(for: Query(texts, .key(.integer(7)), maxBytes: nil), .test)
                #expect(rows.count == 1 && rows.byteCount > 20_000_000)
                let other = try await database.rows(for: Query(texts, .key(.integer(8))), .test)
                #expect(other.count == 1)
            }
        }
    }
}
