import MartletKernel
import MartletModel
import Testing

@testable import MartletSQL

/// What stands behind WHERE, for both databases.
@Suite struct FilterTextTests {
    private func check(_ filter: Filter, _ sqlite: String, _ postgres: String) {
        for (dialect, expected) in [(SQLDialect.sqlite, sqlite), (.postgres, postgres)] {
            let query = SQLQuery(counting: filter, of: Person.schema, ordinal: 0, dialect)
            #expect(query.text() == "SELECT count(*) FROM \"people\" WHERE \(expected)")
        }
    }

    @Test func `comparisons, joined with AND and OR`() throws {
        check(
            Filter([
                [try Person.term("age", .greaterOrEqual, "18")],
                [try Person.term("name", .notEqual, "Ada"), try Person.term("age", .isNull, "true")],
            ]),
            #""age" >= ?1 AND ("name" <> ?2 OR "age" IS NULL)"#, #""age" >= $1 AND ("name" <> $2 OR "age" IS NULL)"#)
    }

    @Test func `no filter, and a clause without a term`() {
        #expect(
            SQLQuery(counting: .all, of: Person.schema, ordinal: 0, .sqlite).text() == "SELECT count(*) FROM \"people\""
        )
        check(Filter([[]]), "FALSE", "FALSE")
    }

    @Test func `a field that is unique ignoring case is found by its index`() throws {
        check(
            try Person.filter(("email", .equal, "a@b.c")), #""email" = ?1 COLLATE NOCASE AND "email" = ?1"#,
            #"lower("email") = lower($1::text COLLATE "C") AND "email" = $1"#)
        check(
            try Person.filter(("email", .likeIgnoringCase, "a@b.c")), #""email" = ?1 COLLATE NOCASE"#,
            #"lower("email") = lower($1::text COLLATE "C")"#)
        check(
            try Person.filter(("email", .oneOf, "a,b")), #""email" COLLATE NOCASE IN (?1, ?2) AND "email" IN (?1, ?2)"#,
            #"lower("email") = ANY (ARRAY(SELECT lower(value COLLATE "C") FROM unnest($1::text[]) AS value)) "#
                + #"AND "email" = ANY ($1)"#)
    }

    @Test func `several values are few shapes`() throws {
        let filter = try Person.filter(("age", .oneOf, "1,2,3"))
        check(filter, #""age" IN (?1, ?2, ?3, ?4)"#, #""age" = ANY ($1)"#)
        guard case .oneOf(let values) = filter.clauses[0][0].condition else { return }
        let sqlite = SQLQuery(counting: filter, of: Person.schema, ordinal: 0, .sqlite)
        #expect(sqlite.parameters == [0, 1, 2, 2].map { .value(values, row: $0, column: 0) })
        let postgres = SQLQuery(counting: filter, of: Person.schema, ordinal: 0, .postgres)
        #expect(postgres.parameters == [.array(values, of: .integer)])
        check(try Person.filter(("age", .oneOf, "1")), #""age" = ?1"#, #""age" = $1"#)
    }

    @Test func `patterns have the range of their prefix beside them`() throws {
        check(
            try Person.filter(("name", .like, "A*a")), #""name" >= ?1 AND "name" < ?2 AND "name" GLOB ?3"#,
            #""name" >= $1 AND "name" < $2 AND "name" LIKE $3"#)
        check(
            try Person.filter(("name", .like, "A*")), #""name" >= ?1 AND "name" < ?2"#,
            #""name" >= $1 AND "name" < $2"#)
        check(try Person.filter(("name", .like, "Ada")), #""name" = ?1"#, #""name" = $1"#)
        check(try Person.filter(("name", .like, "*a")), #""name" GLOB ?1"#, #""name" LIKE $1"#)
        check(try Person.filter(("name", .like, "*")), #""name" IS NOT NULL"#, #""name" IS NOT NULL"#)
        check(
            try Person.filter(("name", .like, "\u{10FFFF}*")), #""name" >= ?1"#, #""name" >= $1"#)
        check(
            try Person.filter(("name", .likeIgnoringCase, "a*")), #""name" LIKE ?1 ESCAPE '\'"#,
            #"lower("name") LIKE lower($1::text COLLATE "C")"#)
    }

    @Test(arguments: [
        (#"a?[b]%_\\\*c*"#, "a[?][[]b]%_\\[*]c*", #"a?[b]\%\_\\*c%"#), ("*", "*", "%"), ("**x", "**x", "%%x"),
    ])
    func `what means something in a pattern is escaped`(_ pattern: String, _ glob: String, _ like: String) throws {
        let pattern = try #require(LikePattern(pattern))
        #expect(SQLDialect.sqlite.text(of: pattern, ignoringCase: false) == glob)
        #expect(SQLDialect.sqlite.text(of: pattern, ignoringCase: true) == like)
        #expect(SQLDialect.postgres.text(of: pattern, ignoringCase: false) == like)
    }

    @Test func `names are quoted`() {
        #expect(quotedIdentifier("order") == "\"order\"")
        #expect(quotedIdentifier("a\"b") == "\"a\"\"b\"")
    }
}
