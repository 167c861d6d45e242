import MartletKernel
import MartletModel
import Testing

@testable import MartletSQL

@Suite struct MigrationPlannerTests {
    /// Shapes as a storage could read them: only their differences matter.
    private static let desired: DatabaseShape = {
        var shape = DatabaseShape()
        for schema in Shelf.schemas {
            var table = TableShape()
            for field in schema.fields {
                table.columns[field.column] = ColumnShape(field.type.rawValue, isNullable: field.isNullable)
                table.columns[field.column]?.key = field.key
                guard let target = field.reference?.resource else { continue }
                table.columns[field.column]?.reference = ReferenceShape(target, "key", onDelete: "NO ACTION")
            }
            table.columns["_version"] = ColumnShape("integer", isNullable: false)
            shape.tables[schema.table] = table
        }
        shape.tables["books"]?.indexes = ["books.title.unique": "UNIQUE title"]
        return shape
    }()

    private func planner(
        _ dialect: SQLDialect, from change: (inout DatabaseShape) -> Void
    ) -> MigrationPlanner {
        var actual = Self.desired
        change(&actual)
        return MigrationPlanner(from: actual, to: Self.desired, Shelf.graph(dialect), at: .epoch)
    }

    private func lines(_ planner: MigrationPlanner) -> [String] {
        planner.steps.map { step in
            let changes = step.changes.map { $0.change(in: step.table.table).summary }.joined(separator: ", ")
            return switch step.action {
            case .rebuildTable: "rebuild: \(changes)"
            case .restoreReference(let index):
                "restore \(step.table.table).\(step.table.layout.schema.fields[index].name)"
            case .makeTable, .change: changes
            }
        }
    }

    @Test(arguments: [SQLDialect.sqlite, .postgres])
    func `a database that fits needs nothing`(_ dialect: SQLDialect) {
        let planner = planner(dialect) { _ in }
        #expect(planner.steps.isEmpty && planner.questions.isEmpty && planner.failure == nil)
    }

    @Test func `an empty database gets its tables, and on PostgreSQL then their references`() {
        let tables = ["shelves: makes the table", "books: makes the table", "loans: makes the table"]
        #expect(lines(planner(.sqlite) { $0.tables = [:] }) == tables)
        let references = ["restore books.shelf", "restore books.sequel", "restore loans.book"]
        #expect(lines(planner(.postgres) { $0.tables = [:] }) == tables + references)
    }

    /// Another column and index; no title and none of its index; another rule for references.
    private func change(_ shape: inout DatabaseShape) {
        shape.tables["books"]?.columns["title"] = nil
        shape.tables["books"]?.columns["old"] = ColumnShape("string", isNullable: true)
        shape.tables["books"]?.indexes = ["books.old.index": "old"]
        shape.tables["loans"]?.columns["book"]?.reference?.onDelete = "CASCADE"
    }

    @Test func `SQLite rebuilds a table for what ALTER TABLE can't do, after dropping what is in its way`() {
        #expect(
            lines(planner(.sqlite, from: change)) == [
                "books: drops the index books.old.index",
                "rebuild: books: drops the column old with its values, books: adds the column title, "
                    + "books: makes the index books.title.unique",
                "rebuild: loans: lets book reference books.key (on delete: no action)",
            ])
    }

    @Test func `PostgreSQL drops first, and makes references last`() {
        #expect(
            lines(planner(.postgres, from: change)) == [
                "books: drops the index books.old.index", "books: drops the column old with its values",
                "books: adds the column title", "books: makes the index books.title.unique",
                "loans: lets book reference books.key (on delete: no action)",
            ])
    }

    @Test func `another key makes a table anew, and on PostgreSQL what refers to it`() {
        func change(_ shape: inout DatabaseShape) { shape.tables["books"]?.columns["isbn"]?.type = "integer" }
        let key = "books: makes isbn (string) the key, which is isbn (integer)"
        #expect(lines(planner(.sqlite, from: change)) == ["rebuild: \(key)"])
        let references = ["restore books.shelf", "restore books.sequel", "restore loans.book"]
        #expect(lines(planner(.postgres, from: change)) == ["rebuild: \(key)"] + references)
    }

    @Test func `records are looked at that a change doesn't allow`() throws {
        let planner = planner(.sqlite) { shape in
            shape.tables["books"]?.columns["title"] = nil
            shape.tables["books"]?.indexes = [:]
        }
        let questions = planner.questions
        #expect(
            questions.map { $0.violations(2, first: .string("x")).description } == [
                "books.title: there is no value for 2 records, the first with the key x; "
                    + "give it a default, or make it nullable",
                "books.title: not unique in 2 records, the first with the key x",
                "books.shelf with books.title: not unique in 2 records, the first with the key x",
            ])
        let projection = #"SELECT "isbn", "shelf", "sequel", NULL AS "title", "_version" FROM "books""#
        #expect(questions[0].count == #"SELECT count(*) FROM (\#(projection)) AS new WHERE "title" IS NULL"#)
        #expect(
            questions[0].firstKey
                == #"SELECT "isbn" FROM (\#(projection)) AS new WHERE "title" IS NULL ORDER BY "isbn" LIMIT 1"#)
    }

    @Test func `what a migration left undone is said`() {
        let failure = planner(.postgres) { $0.tables["loans"] = nil }.failure
        #expect(failure == "the migration did not lead to its end: loans: makes the table")
    }
}
