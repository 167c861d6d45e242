import MartletKernel
import MartletModel
import Testing

@testable import MartletSQL

@Suite struct ReferenceGraphTests {
    @Test(arguments: [SQLDialect.sqlite, .postgres])
    func `a deletion takes, sets null and is restricted through what it takes`(_ dialect: SQLDialect) throws {
        let graph = Shelf.graph(dialect)
        let (shelves, books, loans) = (graph.tables[0], graph.tables[1], graph.tables[2])
        #expect(graph.tablesDeleted(with: shelves).map(\.schema.name) == ["shelves", "books"])
        #expect(graph.tablesDeleted(with: books).map(\.schema.name) == ["books"])
        #expect(graph.tablesDeleted(with: loans).map(\.schema.name) == ["loans"])
        #expect(graph.setsNull(deletingFrom: shelves) && graph.setsNull(deletingFrom: books))
        #expect(!graph.setsNull(deletingFrom: loans))
        #expect(graph.referrers(of: loans) == nil)
        let referrers = try #require(graph.referrers(of: shelves))
        #expect(referrers.tags == [.boolean])
        #expect(referrers.refusal(by: row(true)) == .stillReferenced([.init(resource: "loans", field: "book")]))
        #expect(referrers.refusal(by: row(false)) == nil)
    }

    @Test func `tables that refer to each other in a circle are found once`() {
        func resource(_ name: String, _ target: String) -> ResourceSchema {
            Shelf.resource(name) {
                try [
                    FieldSchema("id", .integer, [.key(.generated)]),
                    FieldSchema("next", .integer, isNullable: true, [.references(target, onDelete: .cascade)]),
                ]
            }
        }
        let graph = ReferenceGraph([resource("a", "b"), resource("b", "a"), resource("c", "c")], .sqlite)
        #expect(graph.tables.map { graph.tablesDeleted(with: $0).map(\.ordinal) } == [[0, 1], [1, 0], [2]])
    }

    @Test func `SQLite's selection of what a deletion takes`() {
        let graph = Shelf.graph(.sqlite)
        #expect(
            graph.cascadeSelection(of: graph.tables[0]) == """
                WITH RECURSIVE deleted ("table", record) AS (SELECT 0, ?1 \
                UNION SELECT 1, child."isbn" FROM deleted CROSS JOIN "books" AS child \
                WHERE deleted."table" = 0 AND child."shelf" = deleted.record) \
                SELECT CAST("table" AS bigint), record FROM deleted
                """)
        #expect(
            graph.referrers(of: graph.tables[1])?.selection == """
                WITH RECURSIVE deleted ("table", record) AS (SELECT 1, ?1) \
                SELECT EXISTS (SELECT 1 FROM deleted CROSS JOIN "loans" AS child \
                WHERE deleted."table" = 1 AND child."book" = deleted.record \
                AND child."id" NOT IN (SELECT record FROM deleted WHERE "table" = 2))
                """)
    }

    @Test func `PostgreSQL's has a column for each type of key, and its steps side by side`() {
        let graph = Shelf.graph(.postgres)
        #expect(
            graph.cascadeSelection(of: graph.tables[0]) == """
                WITH RECURSIVE deleted ("table", integer_key, text_key, uuid_key) AS \
                (SELECT 0, $1::bigint, NULL::text COLLATE "C", NULL::uuid \
                UNION SELECT found.* FROM deleted CROSS JOIN LATERAL \
                (SELECT 1, NULL::bigint, child."isbn"::text COLLATE "C", NULL::uuid FROM "books" AS child \
                WHERE deleted."table" = 0 AND child."shelf" = deleted.integer_key) AS found) \
                SELECT CAST("table" AS bigint), integer_key, text_key, uuid_key FROM deleted
                """)
    }
}

/// What a selection of conditions has found.
func row(_ values: Bool...) -> RowBatch {
    var row = RowBatch(width: values.count)
    for value in values { row.append(.boolean(value)) }
    return row
}
