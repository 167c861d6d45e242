import FoundationEssentials
import MartletKernel
import MartletModel
import MartletSQL
import MartletTesting
import Testing

@testable import SQLiteStorage

/// How SQLite looks for what an index bounds.
@Suite struct ListPlanTests {
    /// What SQLite says of its plan, line by line.
    private func plan(_ list: Query.List, _ event: Event, on connection: Connection) throws -> [String] {
        let sql = SQLQuery(list, of: event.resource, ordinal: 0, .sqlite)
        let statement = try Statement("EXPLAIN QUERY PLAN " + sql.text(), on: connection)
        var lines: [String] = []
        while try statement.step() { lines.append(statement.text(3)) }
        return lines
    }

    private func place(_ list: Query.List, _ event: Event, _ rank: Int64?) -> RowBatch {
        var row = RowBatch(width: event.resource.width)
        row.appendAbsentRow()
        row.set(row: 0, column: event.column("name"), to: "ada")
        row.set(row: 0, column: event.column("rank"), to: rank.map(Cell.integer) ?? .null)
        row.set(row: 0, column: event.column("status"), to: "open")
        row.set(row: 0, column: event.column("createdAt"), to: .timestamp(.epoch))
        let key: Key = event.resource.key.type == .integer ? .integer(7) : .uuid(.init())
        key.store(in: &row, row: 0, column: 0)
        return row.place(ofRow: 0, in: list.order)
    }

    @Test(arguments: Event.resources)
    func `what an index bounds is searched in it and in its order`(_ resource: ResourceSchema) async throws {
        let event = Event(resource: resource)
        let lists = [
            try event.list([("email", .equal, "A@x.org")]), try event.list([("email", .likeIgnoringCase, "A@x.org")]),
            try event.list([], ["name"]), try event.list([], ["-name"]), try event.list([], ["rank"]),
            try event.list([], ["-rank"]), try event.list([("status", .equal, "open")], ["-createdAt"]),
            try event.list([("status", .equal, "open")], ["status", "createdAt"]),
            try event.list([], ["-status", "-createdAt"]),
            try event.list([("name", .like, "a*")], ["name"]), try event.list([("name", .like, "a*")], ["-name"]),
            try event.list([("rank", .isNull, "true")], ["name"]), try event.list([("rank", .equal, "1")], ["-name"]),
            try event.list([("rank", .isNull, "false")], ["rank", "name"]),
            try event.list([("rank", .greater, "1"), ("rank", .less, "3")], ["rank"]), try event.list([], ["-id"]),
        ]
        try await Fixture.open([resource]) { fixture in
            let connection = try fixture.outside()
            for list in lists {
                for rank in [nil, 2] as [Int64?] {
                    var list = list
                    #expect(Query(resource, .list(list)).isBounded)
                    check(try plan(list, event, on: connection), list)
                    list.after = place(list, event, rank)
                    check(try plan(list, event, on: connection), list)
                }
            }
        }
    }

    private func check(_ plan: [String], _ list: Query.List) {
        let looks = plan.filter { $0.contains("_events") }
        #expect(!looks.isEmpty)
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        for look in looks {
            // Behind a place nothing is walked over that comes before it.
            let isSearch = look.hasPrefix("SEARCH")
            let isFirst = list.after == nil && list.filter == .all
            #expect(isSearch || (isFirst && look.hasPrefix("SCAN")), "\(plan)")
            #expect(look.contains("INDEX") || look.contains("PRIMARY KEY") || isFirst, "\(plan)")
        }
    }

    @Test(arguments: Event.resources)
    func `of many records with one value, those before the place are passed over`(
        _ resource: ResourceSchema
    ) async throws {
        let event = Event(resource: resource)
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder, [event.resource]) { try await $0.insertEvents(0..<20_000, event) }
        try await Fixture.open(in: folder, [event.resource]) {
            $0.timeout = .zero
        } _: { fixture in
            for sort in [["name"], ["-name"], ["rank"], ["-rank"], ["status", "createdAt"]] {
                var list = try event.list([], sort, limit: 100)
                list.columns = [0] + list.order.map(\.column).filter { $0 != 0 }.sorted()
                // With no time for the pool, each page was read within its budget.
                #expect(try await event.walk(list, fixture.database).count == 20_000, "\(sort)")
            }
        }
    }

    @Test func `the key ends an index of a table whose rowid it isn't`() {
        let indexes = Event.resources.map { TableLayout($0, ordinal: 0, .sqlite).indexes.map(\.definition) }
        #expect(indexes[0][0] == #"CREATE INDEX "integer_events.name.index" ON "integer_events" ("name")"#)
        #expect(indexes[1][0] == #"CREATE INDEX "uuid_events.name.index" ON "uuid_events" ("name", "id")"#)
        #expect(
            indexes[1][1]
                == #"CREATE UNIQUE INDEX "uuid_events.email.unique" ON "uuid_events" ("email" COLLATE NOCASE)"#)
        #expect(
            indexes[1].last
                == #"CREATE INDEX "uuid_events.rank+name.index" ON "uuid_events" ("rank", "name", "id")"#)
    }
}
