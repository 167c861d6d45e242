import MartletKernel
import MartletModel
import Testing

@testable import MartletSQL

@Suite struct ViolationTests {
    @Test func `SQLite's selection of what stands against a change`() {
        let graph = Shelf.graph(.sqlite)
        let taken = "EXISTS (SELECT 1 FROM \"books\" AS other WHERE"
        #expect(
            graph.tables[1].violationSelection(graph) == """
                SELECT \(taken) other."isbn" = given."isbn" AND other."isbn" IS NOT ?9), \
                \(taken) other."title" = given."title" COLLATE NOCASE AND other."isbn" IS NOT ?9), \
                \(taken) other."shelf" = given."shelf" AND other."title" = given."title" AND other."isbn" IS NOT ?9), \
                (?3 AND given."shelf" IS NOT NULL \
                AND NOT EXISTS (SELECT 1 FROM "shelves" AS target WHERE target."id" = given."shelf")), \
                (?5 AND given."sequel" IS NOT NULL AND given."sequel" IS NOT coalesce(?9, given."isbn") \
                AND NOT EXISTS (SELECT 1 FROM "books" AS target WHERE target."isbn" = given."sequel")) \
                FROM (SELECT CASE WHEN ?1 THEN ?2 ELSE stored."isbn" END AS "isbn", \
                CASE WHEN ?3 THEN ?4 ELSE stored."shelf" END AS "shelf", \
                CASE WHEN ?5 THEN ?6 ELSE stored."sequel" END AS "sequel", \
                CASE WHEN ?7 THEN ?8 ELSE stored."title" END AS "title" \
                FROM (SELECT 1) AS one LEFT JOIN "books" AS stored ON stored."isbn" = ?9) AS given
                """)
    }

    @Test func `PostgreSQL's is the same in its own words`() {
        let graph = ReferenceGraph([Shelf.shelves], .postgres, in: "here")
        #expect(
            graph.tables[0].violationSelection(graph) == """
                SELECT EXISTS (SELECT 1 FROM "here"."shelves" AS other \
                WHERE other."id" = given."id" AND other."id" IS DISTINCT FROM $3) \
                FROM (SELECT CASE WHEN $1 THEN $2 ELSE stored."id" END AS "id" \
                FROM (SELECT 1) AS one LEFT JOIN "here"."shelves" AS stored ON stored."id" = $3) AS given
                """)
        let shelf = Shelf.graph(.postgres)
        let selection = shelf.tables[1].violationSelection(shelf)
        #expect(selection.contains(#"lower(other."title") = lower(given."title")"#))
    }

    @Test func `a missing record is told before a taken value, and all taken values at once`() {
        let books = Shelf.graph(.sqlite).tables[1]
        #expect(books.violationTags.count == 5)
        #expect(books.refusal(by: row(true, true, true, true, false), isOfUnique: true) == .referenceMissing([1]))
        #expect(books.refusal(by: row(false, true, true, false, false), isOfUnique: true) == .uniqueTaken([1, 3]))
        #expect(books.refusal(by: row(false, true, true, false, false), isOfUnique: false) == nil)
        #expect(books.refusal(by: row(false, false, false, false, false), isOfUnique: true) == nil)
    }

    @Test func `a record that isn't there, or is another version, refuses a change`() {
        let shelves = Shelf.graph(.sqlite).tables[0]
        var record = RowBatch(width: 2)
        #expect(shelves.refusal(of: record, if: .none) == .notFound)
        for cell in [Cell.integer(1), .integer(7)] { record.append(cell) }
        #expect(shelves.refusal(of: record, if: .none) == nil)
        #expect(shelves.refusal(of: record, if: .version([6, 7])) == nil)
        #expect(shelves.refusal(of: record, if: .version([6])) == .preconditionFailed)
    }
}
