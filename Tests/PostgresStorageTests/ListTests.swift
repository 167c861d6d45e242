import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// What a list's parameters and rows are to the server. What lists mean is in the contract.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct ListTests {
    private static let things = Result {
        try ResourceSchema(
            "things",
            [
                FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("number", .number),
                FieldSchema("text", .string), FieldSchema("flag", .boolean), FieldSchema("time", .timestamp),
                FieldSchema("day", .date), FieldSchema("token", .uuid), FieldSchema("bytes", .bytes),
                FieldSchema("kind", .enumeration, [.values(["a", "b"])]),
            ])
    }
    private let things: ResourceSchema
    private let fixture: Fixture

    init() async throws {
        things = try Self.things.get()
        fixture = try await Fixture()
    }

    private func fill() async throws {
        try await fixture.address.run(
            """
            INSERT INTO things (number, text, flag, time, day, token, bytes, kind)
            SELECT n / 2.0, 'text ' || n, n % 2 = 0, '2001-02-03T04:05:06Z'::timestamptz + n * interval '1 day',
                '2001-02-03'::date + n, ('00000000-0000-0000-0000-00000000000' || n)::uuid, int4send(n),
                CASE WHEN n = 3 THEN 'b' ELSE 'a' END
            FROM generate_series(1, 5) AS n
            """)
    }

    @Test func `one of several values, of every type`() async throws {
        try await fixture.open([things]) { database in
            try await fill()
            let all = try await database.rows(
                for: Query(things, .list(Query.List(order: things.totalOrder([]), limit: 10))), .test)
            for column in 0..<things.fields.count {
                for rows in [[0, 2], [2, 2, 2], []] {
                    var values = RowBatch(width: 1)
                    for row in rows { values.append(all[row, column], of: all) }
                    let filter = Filter([[FilterTerm(column, .oneOf(values))]])
                    let expected = (0..<5).filter { filter.matches(row: $0, of: all) }.count
                    let count = try await database.rows(for: Query(things, .count(filter)), .test)
                    #expect(count == .count(expected), "\(things.fields[column].name) \(rows)")
                    let list = Query.List(filter, order: things.totalOrder([]), limit: 10)
                    #expect(try await database.rows(for: Query(things, .list(list)), .test) == list.page(of: all))
                }
            }
        }
    }

    @Test func `columns that aren't wanted are absent`() async throws {
        try await fixture.open([things]) { database in
            try await fill()
            for columns in [[2, things.versionIndex], [0], [], [1, 7]] {
                let list = Query.List(order: things.totalOrder([]), limit: 2, columns: columns)
                let rows = try await database.rows(for: Query(things, .list(list)), .test)
                #expect(rows.count == 2)
                for column in columns { #expect(!rows[1, column].isAbsent) }
                #expect(rows[1, 3].isAbsent && rows[1, 8].isAbsent)
            }
        }
    }
}
