import MartletKernel
import MartletModel
import MartletSQL
import MartletTesting
import Testing

@testable import PostgresStorage

/// Lists that an index bounds: the server takes them from it in its order, whatever it knows of the table.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct ListPlanTests {
    static let tasks = Result {
        try ResourceSchema(
            "tasks",
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema("name", .string, [.length(1...40), .indexed]),
                FieldSchema("email", .string, [.unique(ignoringCase: true)]),
                FieldSchema("status", .enumeration, [.values(["open", "done", "gone"])]),
                FieldSchema("createdAt", .timestamp),
                FieldSchema("rank", .integer, isNullable: true, [.indexed]),
                FieldSchema("code", .string, isNullable: true, [.unique]),
            ], indexes: [["status", "createdAt"], ["status", "rank"]])
    }
    private let tasks: ResourceSchema
    private let url: String
    private let folder: TemporaryFolder

    init() async throws {
        tasks = try Self.tasks.get()
        folder = try TemporaryFolder()
        url = try await PostgresDatabases.url(in: folder.path)
        let database = PostgresDatabase(PostgresDatabase.Options(url: url))
        try await database.prepare([tasks])
        await database.close()
        try await PostgresAddress(url: url).run(
            """
            ALTER TABLE tasks SET (autovacuum_enabled = off);
            INSERT INTO tasks (name, email, status, created_at, rank, code)
            SELECT 'name ' || n % 5000, n || '@example.org', (ARRAY['open', 'done', 'gone'])[n % 3 + 1],
                now() - n * interval '1 s', nullif(n % 50, 0), CASE WHEN n % 10 > 0 THEN 'code ' || n END
            FROM generate_series(1, 20000) AS n
            """)
    }

    private enum Value { case name, time, null, number(Int64) }

    private static let open = ("status", FilterOperator.equal, "open")
    /// Filter, order, and what the page begins behind. What is found by a unique field is one, and may be sorted.
    private static let lists: [(filter: [(String, FilterOperator, String)], order: [String], after: [Value]?)] = [
        ([("email", .likeIgnoringCase, "7@EXAMPLE.org")], [], nil),
        ([("email", .equal, "7@example.org")], ["-name"], nil),
        ([("id", .oneOf, "1,2,3,9")], [], nil),
        ([("code", .oneOf, "code 1,code 2")], ["-createdAt"], nil),
        ([], ["name"], nil), ([], ["-name"], nil),
        ([], ["name"], [.name, .number(9)]), ([], ["-name"], [.name, .number(9)]),
        ([open], ["-createdAt"], nil), ([open], ["createdAt"], nil),
        ([open], ["-createdAt"], [.time, .number(9)]), ([open], ["createdAt"], [.time, .number(9)]),
        ([open, ("createdAt", .greater, "2001-01-01T00:00:00Z")], ["-createdAt"], nil),
        ([open, ("createdAt", .greater, "2001-01-01T00:00:00Z")], ["-createdAt"], [.time, .number(9)]),
        ([open, ("createdAt", .less, "2001-01-01T00:00:00Z")], ["-createdAt"], [.time, .number(9)]),
        ([], ["rank"], nil), ([], ["-rank"], nil), ([], ["rank"], [.null, .number(9)]),
        ([], ["-rank"], [.null, .number(9)]), ([], ["rank"], [.number(3), .number(9)]),
        ([], ["-rank"], [.number(3), .number(9)]),
        ([("rank", .isNull, "true")], [], nil), ([("rank", .isNull, "true")], ["-id"], [.number(9)]),
        ([open, ("rank", .isNull, "true")], ["id"], [.number(9)]),
        ([open], ["rank"], [.null, .number(9)]), ([open], ["-rank"], [.number(3), .number(9)]),
        ([("rank", .isNull, "false")], ["-rank"], [.number(3), .number(9)]),
        ([("name", .like, "name 1*")], ["name"], nil), ([("name", .like, "name 1*")], ["-name"], nil),
        ([("name", .like, "name 1*")], ["name"], [.name, .number(9)]),
        ([("name", .like, "name 1*")], ["-name"], [.name, .number(9)]),
    ]

    private func index(of name: String) -> Int? { tasks.fields.firstIndex { $0.name == name } }

    private func order(_ names: [String]) -> [SortTerm] {
        tasks.totalOrder(
            names.compactMap { name in
                let isDescending = name.hasPrefix("-")
                return index(of: isDescending ? String(name.dropFirst()) : name)
                    .map { SortTerm($0, isDescending: isDescending) }
            })
    }

    private func filter(_ terms: [(String, FilterOperator, String)]) throws -> Filter {
        try Filter(
            terms.map { name, operation, text in
                let column = try #require(index(of: name))
                return [try FilterTerm(column, of: tasks, operation, text, parameter: name)]
            })
    }

    private func place(_ values: [Value]) -> RowBatch {
        var place = RowBatch(width: values.count)
        for value in values {
            switch value {
            case .name: place.append("name 1234")
            case .time: place.append(.timestamp(.epoch))
            case .number(let number): place.append(.integer(number))
            case .null: place.append(.null)
            }
        }
        return place
    }

    @Test(arguments: [false, true])
    func `every list that is bounded comes from an index in its order`(_ isAnalysed: Bool) throws {
        let session = SessionSettings(synchronousCommit: .on, timeout: .seconds(60))
        let connection = try BlockingConnection(#require(ConnectionAddress(url)), for: .reads, session)
        if isAnalysed { try connection.execute("SET statement_timeout = 0; ANALYZE tasks") }
        for (number, list) in Self.lists.enumerated() {
            let wanted = Query.List(
                try filter(list.filter), order: order(list.order), after: list.after.map(place), limit: 20)
            #expect(Query(tasks, .list(wanted)).isBounded, "\(list)")
            let statement = SQLQuery(wanted, of: tasks, ordinal: 0, .postgres).statement(id: number)
            let plan = try PlanTests.plan(of: statement, on: connection)
            let isSorted = plan.contains("Sort") && !["email", "code", "id"].contains(list.filter.first?.0)
            let isSlow = isSorted || plan.contains("Seq Scan") || plan.contains("Bitmap")
            #expect(!isSlow && plan.contains("Index"), "\(list)\n\(statement.sql)\n\(plan)")
            // All that is read is behind the place, and what is found ignoring case is the only one.
            let isFiltered = plan.contains("Filter:") && list.filter.first?.0 != "email"
            #expect(!isFiltered, "\(list)\n\(statement.sql)\n\(plan)")
        }
    }
}
