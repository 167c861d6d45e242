import MartletKernel
import MartletModel
import Testing

@testable import MartletSQL

/// Pages of lists, for both databases.
@Suite struct ListTextTests {
    private func text(_ list: Query.List, _ dialect: SQLDialect) -> String {
        var list = list
        list.columns = [0]
        return SQLQuery(list, of: Person.schema, ordinal: 0, dialect).text()
    }

    private func check(_ list: Query.List, _ sqlite: String, _ postgres: String) {
        #expect(text(list, .sqlite) == "SELECT \"id\" FROM \"people\"" + sqlite)
        #expect(text(list, .postgres) == "SELECT \"id\" FROM \"people\"" + postgres)
    }

    @Test func `a first page`() throws {
        check(
            Query.List(order: Person.order("-age", "name"), limit: 20),
            #" ORDER BY "age" DESC, "name", "id" LIMIT ?1"#,
            #" ORDER BY "age" DESC NULLS LAST, "name", "id" LIMIT 20"#)
        check(
            Query.List(order: Person.order("age"), limit: -1), #" ORDER BY "age", "id" LIMIT ?1"#,
            #" ORDER BY "age" NULLS FIRST, "id" LIMIT 0"#)
    }

    @Test func `all columns, or those that are wanted`() {
        let all = SQLQuery(Query.List(order: Person.order(), limit: 1), of: Person.schema, ordinal: 0, .sqlite)
        #expect(
            all.text() == #"SELECT "id", "name", "email", "age", "status", "created_at", "_version" FROM "people" "#
                + #"ORDER BY "id" LIMIT ?1"#)
        #expect(all.columns == Array(0...6))
        let few = Query.List(order: Person.order(), limit: 1, columns: [1, 6])
        #expect(
            SQLQuery(few, of: Person.schema, ordinal: 0, .sqlite).text()
                == #"SELECT "name", "_version" FROM "people" ORDER BY "id" LIMIT ?1"#)
    }

    @Test func `what lies behind a place of columns that are never null is one comparison`() throws {
        let list = Query.List(
            try Person.filter(("status", .equal, "open")), order: Person.order("-createdAt"),
            after: Person.place(.time(5), .integer(7)), limit: 20)
        #expect(
            text(list, .postgres)
                == #"SELECT "id" FROM "people" WHERE "status" = $1 AND ("created_at", "id") < ($2, $3) "#
                + #"ORDER BY "created_at" DESC, "id" DESC LIMIT 20"#)
        check(
            Query.List(order: Person.order(), after: Person.place(.integer(7)), limit: 20),
            #" WHERE "id" > ?1 ORDER BY "id" LIMIT ?2"#, #" WHERE "id" > $1 ORDER BY "id" LIMIT 20"#)
    }

    @Test func `with an integer key SQLite compares no rows`() throws {
        let list = Query.List(
            order: Person.order("status", "createdAt"), after: Person.place(.text("open"), .time(5), .integer(7)),
            limit: 20)
        let end = #" ORDER BY "status", "created_at", "id" LIMIT ?4"#
        #expect(
            text(list, .sqlite)
                == union([
                    #" WHERE "status" = ?1 AND "created_at" = ?2 AND "id" > ?3"# + end,
                    #" WHERE "status" = ?1 AND "created_at" > ?2"# + end, #" WHERE "status" > ?1"# + end,
                ]) + " LIMIT ?4")
    }

    @Test func `behind a place with a null`() {
        let end = #" ORDER BY "age", "id" LIMIT ?2"#
        #expect(
            text(Query.List(order: Person.order("age"), after: Person.place(.null, .integer(7)), limit: 20), .sqlite)
                == union([#" WHERE "age" IS NULL AND "id" > ?1"# + end, #" WHERE "age" IS NOT NULL"# + end])
                + " LIMIT ?2")
        check(
            Query.List(order: Person.order("-age"), after: Person.place(.null, .integer(7)), limit: 20),
            #" WHERE "age" IS NULL AND "id" < ?1 ORDER BY "age" DESC, "id" DESC LIMIT ?2"#,
            #" WHERE "age" IS NULL AND "id" < $1 ORDER BY "age" DESC NULLS LAST, "id" DESC LIMIT 20"#)
    }

    @Test func `behind a place with a value where others have a null`() {
        let end = #" ORDER BY "age" DESC NULLS LAST, "id" DESC LIMIT 20"#
        #expect(
            text(
                Query.List(
                    order: Person.order("-age"), after: Person.place(.integer(30), .integer(7)), limit: 20), .postgres)
                == union([
                    #" WHERE "age" = $1 AND "id" < $2"# + end, #" WHERE "age" < $1"# + end,
                    #" WHERE "age" IS NULL"# + end,
                ]) + " LIMIT 20")
    }

    @Test func `an order of two directions`() {
        let end = #" ORDER BY "status", "name" DESC, "id" DESC LIMIT 20"#
        #expect(
            text(
                Query.List(
                    order: Person.order("status", "-name"),
                    after: Person.place(.text("done"), .text("Ada"), .integer(7)), limit: 20), .postgres)
                == union([
                    #" WHERE "status" = $1 AND ("name", "id") < ($2, $3)"# + end, #" WHERE "status" > $1"# + end,
                ]) + " LIMIT 20")
    }

    private func union(_ ends: [String]) -> String {
        ends.map { "SELECT * FROM (SELECT \"id\" FROM \"people\"\($0)) AS segment" }.joined(separator: " UNION ALL ")
    }

    @Test func `a column that the filter gives one value sorts nothing`() throws {
        let filter = try Person.filter(("status", .equal, "open"))
        let order = Person.order("status", "-createdAt")
        func list(_ status: String) -> Query.List {
            Query.List(filter, order: order, after: Person.place(.text(status), .time(5), .integer(7)), limit: 20)
        }
        func expected(_ condition: String) -> String {
            #"SELECT "id" FROM "people" WHERE "status" = $1"# + condition
                + #" ORDER BY "status", "created_at" DESC, "id" DESC LIMIT 20"#
        }
        #expect(text(list("open"), .postgres) == expected(#" AND ("created_at", "id") < ($2, $3)"#))
        // All that is open comes behind all that is done, and before nothing of it.
        #expect(text(list("done"), .postgres) == expected(""))
        #expect(text(list("zzz"), .postgres) == expected(" AND FALSE"))
    }

    @Test func `a bound that the place meets says nothing more`() throws {
        let filter = try Person.filter(("age", .greater, "18"), ("age", .less, "65"))
        func check(_ age: Person.Value, _ sort: String, _ condition: String) {
            let list = Query.List(filter, order: Person.order(sort), after: Person.place(age, .integer(7)), limit: 20)
            let order = sort == "age" ? #""age" NULLS FIRST, "id""# : #""age" DESC NULLS LAST, "id" DESC"#
            #expect(
                text(list, .postgres) == #"SELECT "id" FROM "people" WHERE \#(condition) ORDER BY \#(order) LIMIT 20"#)
        }
        check(.integer(30), "age", #""age" < $1 AND ("age", "id") > ($2, $3)"#)
        check(.integer(30), "-age", #""age" > $1 AND ("age", "id") < ($2, $3)"#)
        for (place, sort) in [(Person.Value.integer(18), "age"), (.null, "age"), (.integer(65), "-age")] {
            check(place, sort, #""age" > $1 AND "age" < $2"#)
        }
        check(.null, "-age", #""age" > $1 AND "age" < $2 AND FALSE"#)
    }

    @Test func `PostgreSQL hears that a null column is in front, where an index has it`() throws {
        let end = #""name" DESC, "id" DESC LIMIT "#
        check(
            Query.List(try Person.filter(("age", .isNull, "true")), order: Person.order("-name"), limit: 20),
            #" WHERE "age" IS NULL ORDER BY "# + end + "?1",
            #" WHERE "age" IS NULL ORDER BY "age" DESC NULLS LAST, "# + end + "20")
        check(
            Query.List(
                try Person.filter(("age", .isNull, "true"), ("status", .equal, "open")), order: Person.order(),
                limit: 20),
            #" WHERE "age" IS NULL AND "status" = ?1 ORDER BY "id" LIMIT ?2"#,
            #" WHERE "age" IS NULL AND "status" = $1 ORDER BY "id" LIMIT 20"#)
    }
}
