import Foundation
import MartletKernel
import MartletModel
import MartletSQL
import MartletTesting
import Testing

@testable import SQLiteStorage

@Suite struct TableTests {
    @Test func `the SQL of a table`() {
        let catalog = Catalog([Note.resource])
        let table = catalog.tables[0]
        #expect(
            table.definition(catalog.graph) == """
                CREATE TABLE "notes" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, \
                "title" TEXT NOT NULL CONSTRAINT "_check_title" \
                CHECK (instr("title", char(0)) = 0 AND length("title") >= 1 AND length("title") <= 40), \
                "slug" TEXT NOT NULL CONSTRAINT "_check_slug" CHECK (instr("slug", char(0)) = 0), \
                "place" INTEGER, "_version" INTEGER NOT NULL DEFAULT 0) STRICT
                """)
        #expect(
            table.indexes.map(\.definition) == [
                #"CREATE INDEX "notes.title.index" ON "notes" ("title")"#,
                #"CREATE UNIQUE INDEX "notes.slug.unique" ON "notes" ("slug" COLLATE NOCASE)"#,
                #"CREATE UNIQUE INDEX "notes.place.unique" ON "notes" ("place")"#,
            ])
        #expect(
            table.insert == """
                INSERT INTO "notes" ("title", "slug", "place", "_version") VALUES (?1, ?2, ?3, ?4) \
                RETURNING "id", "title", "slug", "place", "_version"
                """)
        #expect(
            table.update([1, 3]) == """
                UPDATE "notes" SET "title" = ?1, "place" = ?2, "_version" = ?4 WHERE "id" = ?3 \
                AND (?5 IS NULL OR "_version" = ?5) AND ("title" IS NOT ?1 OR "place" IS NOT ?2) \
                RETURNING "id", "title", "slug", "place", "_version"
                """)
        #expect(
            table.delete == """
                DELETE FROM "notes" WHERE "id" = ?1 AND (?2 IS NULL OR "_version" = ?2) \
                RETURNING "id", "title", "slug", "place", "_version"
                """)
    }

    @Test func `each read and each probe searches by an index`() async throws {
        try await Fixture.open { fixture in
            let table = TableLayout(Note.resource, ordinal: 0, .sqlite)
            let outside = try fixture.outside()
            let violations = table.violationSelection(Catalog([Note.resource]).graph)
            for sql in TableLayout.Read.allCases.map(table.select) + [violations] {
                let plan = try Statement("EXPLAIN QUERY PLAN " + sql, on: outside)
                while try plan.step() {
                    let step = plan.text(3)
                    #expect(!step.contains("TEMP B-TREE"), "\(sql)")
                    // The first page is a scan in the key's order, which its limit ends.
                    let isScanned = sql == table.select(.firstPage) || sql == violations && !step.contains("other")
                    #expect(step.hasPrefix("SEARCH") || isScanned, "\(sql): \(step)")
                }
            }
        }
    }

    @Test func `a schema of a key alone works`() async throws {
        let folder = try TemporaryFolder()
        let bare = try ResourceSchema("bare", [FieldSchema("id", .integer, [.key(.generated)])])
        let database = SQLiteDatabase(.init(path: folder.file("martlet.db")))
        try await database.prepare([bare])
        var row = RowBatch(width: bare.width)
        row.appendAbsentRow()
        let insertion = try Mutation(bare, .insert(ValidatedRow(row, bare, for: .create)))
        guard case .committed(let written) = try await database.commit(Transaction([insertion], at: .epoch), .test)
        else {
            throw Fixture.Unexpected(what: "a refusal")
        }
        #expect(written[0].record[0, 0].integer == 1)
        await database.close()
    }

    @Test(arguments: ["", "\0", "a\0b", String(repeating: "é", count: 41)])
    func `the database refuses by itself what the schema forbids`(_ title: String) async throws {
        try await Fixture.open { fixture in
            let other = try Connection(.writer(.normal), path: fixture.options.path)
            let insertion = try Statement("INSERT INTO notes (title, slug) VALUES (?1, ?2)", on: other)
            try insertion.bind(String(repeating: "é", count: 40), at: 1)
            try insertion.bind("good", at: 2)
            try insertion.run()
            // A String stops at U+0000 on its way into C, a cell doesn't.
            var row = RowBatch(width: 1)
            row.append(title)
            try insertion.bind("bad", at: 2)
            try row.heap.withUnsafeBytes { heap in
                try insertion.bind(row[0, 0], in: heap, at: 1)
                #expect(throws: SQLiteError.self) { try insertion.run() }
            }
        }
    }

    @Test func `what is missing is made, and what is there is kept`() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) { fixture in try await fixture.insert("a") }
        let other = try ResourceSchema("others", Note.resource.fields)
        let database = SQLiteDatabase(.init(path: folder.file("martlet.db")))
        try await database.prepare([Note.resource, other])
        #expect(try await database.rows(for: Query(Note.resource, .page(after: nil, limit: 9)), .test).count == 1)
        #expect(try await database.rows(for: Query(other, .page(after: nil, limit: 9)), .test).isEmpty)
        await database.close()
    }

    @Test func `a table made by others serves when it fits`() async throws {
        try await withTable(
            "CREATE TABLE notes (place INT, slug TEXT NOT NULL, title TEXT NOT NULL, id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT"
        ) { folder in
            try await Fixture.open(in: folder) { fixture in
                let note = try await fixture.insert("a", place: 3)
                #expect(note == Note(id: 1, title: "a title", slug: "a", place: 3))
                #expect(try await fixture.notes() == [note])
            }
        }
    }

    private static let columns = "title TEXT NOT NULL, slug TEXT NOT NULL, place INTEGER"
    private static let key = "id INTEGER PRIMARY KEY AUTOINCREMENT"
    private static let definition = TableLayout(Note.resource, ordinal: 0, .sqlite).definition()
    private static let good = "CREATE TABLE notes (\(key), \(columns)) STRICT"

    @Test(arguments: [
        ("CREATE TABLE notes (\(key), \(columns))", "notes: it is not STRICT"),
        (
            "CREATE TABLE notes (\(key), \(columns), more TEXT) STRICT",
            "would lose data: notes: drops the column more with its values"
        ),
        (
            "CREATE TABLE notes (\(key), title ANY NOT NULL, slug TEXT NOT NULL, place INTEGER) STRICT",
            "would lose data: notes: drops the column title of the type ANY with its values, and makes it anew with the type TEXT"
        ),
        (
            "CREATE TABLE notes (id INTEGER, \(columns)) STRICT",
            "would lose data: notes: makes id (integer) the key, which is none"
        ),
        (
            "CREATE TABLE notes (\(key), title TEXT NOT NULL COLLATE NOCASE, slug TEXT NOT NULL, place INTEGER) STRICT",
            "notes: it has the column title, which compares by NOCASE, not by its bytes"
        ),
        (
            "CREATE TABLE notes (\(key), title TEXT NOT NULL, slug TEXT NOT NULL, place INTEGER AS (1)) STRICT",
            "notes: it has the column place, which the database computes"
        ),
        (
            "\(good); CREATE UNIQUE INDEX mine ON notes (title)",
            "notes: it has the unique index mine, which is not in the schema"
        ),
        ("CREATE VIEW notes AS SELECT 1", "notes: it is no table"),
    ])
    func `a table that can't be made to fit without a loss is refused, with all of that, and left as it is`(
        _ sql: String, _ reason: String
    ) async throws {
        try await withTable(sql) { folder in
            let path = folder.file("martlet.db")
            let before = try schema(path)
            let database = SQLiteDatabase(.init(path: path))
            await #expect { try await database.prepare([Note.resource]) } throws: { error in
                guard case .unusable(let message) = error as? StorageError else { return false }
                return message.contains(path) && message.contains(reason)
            }
            #expect(try schema(path) == before)
        }
    }

    @Test(arguments: [
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, \(columns)) STRICT",
        "CREATE TABLE notes (\(key), title TEXT NOT NULL, slug TEXT NOT NULL) STRICT",
        "CREATE TABLE notes (\(key), title TEXT, slug TEXT NOT NULL, place INTEGER NOT NULL) STRICT",
        "\(good); CREATE INDEX \"notes.title.index\" ON notes (slug)",
        definition.split(separator: "40").joined(separator: "20"),
    ])
    func `a table that can be made to fit is, and keeps what it holds`(_ sql: String) async throws {
        let row = "INSERT INTO notes (id, title, slug\(sql.contains("place") ? ", place" : "")) "
        try await withTable("\(sql); \(row) VALUES (7, 'a title', 'a'\(sql.contains("place") ? ", 3" : ""))") {
            folder in
            try await Fixture.open(in: folder) { fixture in
                let kept = Note(id: 7, title: "a title", slug: "a", place: sql.contains("place") ? 3 : nil)
                #expect(try await fixture.notes() == [kept])
                try await fixture.insert("b")
                let wide = try Note.insertion("c", title: String(repeating: "é", count: 40))
                guard case .committed = try await fixture.commit(wide) else {
                    throw Fixture.Unexpected(what: "a refusal")
                }
            }
            let plan = try await SQLiteDatabase(.init(path: folder.file("martlet.db"))).migrate(
                to: [Note.resource], .plan)
            #expect(plan.isNothing, "\(plan.script)")
        }
    }

    @Test func `a database of UTF-16 texts is refused`() async throws {
        try await withTable("PRAGMA user_version = 1; PRAGMA wal_checkpoint(TRUNCATE)") { folder in
            // The encoding in the file's header (https://www.sqlite.org/fileformat.html, 1.3.13).
            let file = try #require(FileHandle(forUpdatingAtPath: folder.file("martlet.db")))
            try file.seek(toOffset: 56)
            try file.write(contentsOf: [0, 0, 0, 2])
            try file.close()
            let database = SQLiteDatabase(.init(path: folder.file("martlet.db")))
            await #expect { try await database.prepare([Note.resource]) } throws: { "\($0)".contains("UTF-16le") }
        }
    }

    @Test func `a name in double quotes is never a text`() async throws {
        try await Fixture.open { fixture in
            let outside = try fixture.outside()
            #expect(throws: SQLiteError.self) { try Statement("SELECT id FROM notes ORDER BY \"nope\"", on: outside) }
            let writer = try Connection(.writer(.full), path: fixture.options.path)
            #expect(throws: SQLiteError.self) { try writer.execute("CREATE INDEX i ON notes (\"nope\")") }
        }
    }

    @Test func `connections are set up as they should be`() async throws {
        try await Fixture.open { fixture in
            let writer = try Connection(.writer(.full), path: fixture.options.path)
            let settings = [
                "foreign_keys": 1, "trusted_schema": 0, "synchronous": 2, "mmap_size": 0, "cell_size_check": 1,
                "wal_autocheckpoint": 0, "busy_timeout": 0, "journal_size_limit": 32 << 20,
            ]
            for (name, value) in settings { #expect(try writer.integer("PRAGMA \(name)") == value, "\(name)") }
            #expect(try writer.text("PRAGMA journal_mode") == "wal")
            // Defensive: the schema can't be written to as a table.
            #expect(throws: SQLiteError.self) {
                try writer.execute("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema")
            }
            let reader = try fixture.outside()
            #expect(throws: SQLiteError.self) { try reader.execute("DELETE FROM notes") }
            #expect(try reader.integer("PRAGMA wal_autocheckpoint") == 0)
            let normal = try Connection(.writer(.normal), path: fixture.options.path)
            #expect(try normal.integer("PRAGMA synchronous") == 1)
        }
    }

    /// A database that others have made.
    private func withTable(_ sql: String, _ body: (TemporaryFolder) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "martlet.db")
        try Connection(.writer(.normal), path: folder.file("martlet.db")).execute(sql)
        try await body(folder)
    }

    private func schema(_ path: String) throws -> String {
        try Connection(.reader, path: path).text("SELECT group_concat(sql, ';') FROM sqlite_schema")
    }
}
