import FaultyVFS
import Foundation
import MartletKernel
import MartletModel
import MartletSQL
import MartletTesting
import Testing

@testable import SQLiteStorage

/// What only SQLite does. What every storage does is in the contract.
@Suite struct MigrationTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Notes with another constraint: SQLite has to make the table anew for it.
    private static func notes(titles length: ClosedRange<Int>, _ further: FieldSchema...) throws -> ResourceSchema {
        let fields = try Note.resource.fields.map { field in
            field.name == "title" ? try FieldSchema("title", .string, [.length(length), .indexed]) : field
        }
        return try ResourceSchema("notes", fields + further)
    }

    private func outside() throws -> Connection {
        try Connection(.reader, path: folder.file("martlet.db"))
    }

    private func change(_ sql: String) throws {
        try Connection(.writer(.normal), path: folder.file("martlet.db")).execute(sql)
    }

    /// Leaves the last migration's record as Martlet kept it before it recorded the types of fields.
    private func forgetFieldTypes() throws {
        let connection = try Connection(.writer(.normal), path: folder.file("martlet.db"))
        let record = try #require(try MigrationRecord.last(on: connection))
        var shape = record.shape
        for (table, columns) in shape.tables.mapValues(\.columns) {
            for name in columns.keys { shape.tables[table]?.columns[name]?.fieldType = nil }
        }
        try record.replaceShape(with: shape, on: connection)
    }

    private func plan(_ schemas: ResourceSchema...) async throws -> Migration {
        try await SQLiteDatabase(.init(path: folder.file("martlet.db"))).migrate(to: schemas, .plan)
    }

    private func fill() async throws {
        try await Fixture.open(in: folder) { fixture in
            for slug in ["a", "b", "c"] { try await fixture.insert(slug) }
        }
    }

    // MARK: - How

    @Test func `a rename and a new column copy no table`() async throws {
        try await fill()
        let key = Note.resource.fields[0]
        let renamed = try ResourceSchema(
            "notes",
            [
                key, FieldSchema("heading", .string, [.length(1...40), .indexed, .renamedFrom("title")]),
                Note.resource.fields[2], Note.resource.fields[3],
                FieldSchema("text", .string, isNullable: true), FieldSchema("count", .integer, [.default(-1)]),
            ])
        #expect(try await !plan(renamed).script.contains("martlet_new"))
        try await Fixture.open(in: folder, [renamed]) { _ in }
        #expect(try await plan(renamed).isNothing)
        #expect(try outside().text("SELECT heading || count FROM notes WHERE id = 1") == "a title-1")
        let names = try outside().text("SELECT group_concat(name) FROM sqlite_schema WHERE name LIKE 'notes.%'")
        #expect(names.contains("notes.heading.index") && !names.contains("title"))
    }

    @Test func `a table that is made anew keeps its indexes, its triggers, and which keys were given`() async throws {
        try await Fixture.open(in: folder) { fixture in
            for slug in ["a", "b", "c"] { try await fixture.insert(slug) }
            _ = try await fixture.commit(Mutation(Note.resource, .delete(.integer(3))))
        }
        try change(
            """
            CREATE TABLE journal (line TEXT) STRICT;
            CREATE INDEX mine ON notes (title, place);
            CREATE TRIGGER mine_too AFTER INSERT ON notes BEGIN INSERT INTO journal VALUES (new.slug); END;
            CREATE VIEW titles AS SELECT title FROM notes;
            CREATE TABLE links (note INTEGER REFERENCES notes ON DELETE CASCADE) STRICT;
            INSERT INTO links VALUES (1);
            """)
        let versions = try outside().text("SELECT group_concat(_version) FROM notes")
        let wide = try Self.notes(titles: 0...100)
        #expect(try await plan(wide).script.contains("martlet_new"))
        try await Fixture.open(in: folder, [wide]) { _ in }
        let outside = try outside()
        #expect(try outside.text("SELECT group_concat(_version) FROM notes") == versions)
        #expect(try outside.integer("SELECT count(*) FROM titles") == 2)
        #expect(try outside.integer("SELECT count(*) FROM links") == 1)
        #expect(
            try outside.text(
                "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE name LIKE 'mine%' ORDER BY 1)")
                == "mine,mine_too")
        let definition = Catalog([wide]).tables[0].definition(Catalog([wide]).graph)
        #expect(try outside.text("SELECT sql FROM sqlite_schema WHERE name = 'notes'") == definition)
        try change("INSERT INTO notes (title, slug) VALUES ('d', 'd')")
        #expect(try outside.integer("SELECT max(id) FROM notes") == 4)
        #expect(try outside.text("SELECT line FROM journal") == "d")
    }

    @Test func `an index and a trigger that name a column which goes are told, and go`() async throws {
        try await fill()
        try change(
            """
            CREATE INDEX mine ON notes (place, title);
            CREATE TRIGGER mine_too AFTER UPDATE ON notes BEGIN UPDATE notes SET place = 1 WHERE id = 0; END;
            """)
        let fewer = try ResourceSchema("notes", Array(Note.resource.fields[0..<3]))
        let plan = try await plan(fewer)
        for name in ["mine", "mine_too"] {
            #expect(plan.changes.contains { $0.summary == "notes: drops \(name), which names a column that goes" })
        }
        _ = try await SQLiteDatabase(.init(path: folder.file("martlet.db"))).migrate(to: [fewer], .destructive)
        #expect(try outside().integer("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'mine%'") == 0)
        #expect(try outside().integer("SELECT count(*) FROM notes") == 3)
    }

    @Test func `every migration is recorded, and a start that changes nothing is none`() async throws {
        try await fill()
        try await Fixture.open(in: folder) { _ in }
        try await Fixture.open(in: folder, [try Self.notes(titles: 1...50)]) { _ in }
        let records = try Statement(
            "SELECT number, steps, shape, checksum FROM martlet_migrations ORDER BY number", on: outside())
        var found: [(Int64, String, DatabaseShape?)] = []
        while try records.step() {
            found.append((records.integer(0), records.text(1), DatabaseShape(text: records.text(2))))
            #expect(records.integer(3) == found.last?.2?.checksum)
        }
        #expect(found.map(\.0) == [1, 2])
        #expect(found[0].1.hasPrefix("CREATE TABLE \"notes\""))
        #expect(found[1].1.contains("INSERT INTO \"martlet_new_notes\""))
        #expect(found[1].2?.tables["notes"]?.columns["title"]?.check?.contains("<= 50") == true)
    }

    @Test(arguments: [Constraint.indexed, .unique])
    func `a text that is too long for a new index is told by the index's limit`(_ constraint: Constraint) async throws {
        let key = Note.resource.fields[0]
        let texts = try ResourceSchema("texts", [key, FieldSchema("text", .string)])
        let indexed = try ResourceSchema("texts", [key, FieldSchema("text", .string, [constraint])])
        try await Fixture.open(in: folder, [texts]) { _ in }
        try change("INSERT INTO texts (text) VALUES ('short'), (printf('%.*c', 6000, 'x'))")
        let line = "texts.text: 1 record, the first with the key 2, doesn't fit; an index takes at most 1792 bytes"
        #expect(try await plan(indexed).obstacles == [line])
        await #expect {
            try await Fixture.open(in: folder, [indexed]) { _ in }
        } throws: { error in
            if case StorageError.unusable(let refusal) = error { refusal.contains(line) } else { false }
        }
    }

    @Test func `a date that is none stands against a field of dates, though the table would take it`() async throws {
        let key = Note.resource.fields[0]
        let texts = try ResourceSchema("days", [key, FieldSchema("day", .string)])
        let dates = try ResourceSchema("days", [key, FieldSchema("day", .date)])
        try await Fixture.open(in: folder, [texts]) { _ in }
        try forgetFieldTypes()
        try change("INSERT INTO days (day) VALUES ('2026-02-28'), ('2026-02-30'), ('0000-01-01'), ('9999-12-31')")
        let refused = try await plan(dates)
        #expect(refused.obstacles.count == 1)
        #expect(refused.obstacles.first?.contains("days.day: 2 records, the first with the key 2") == true)
        try change("DELETE FROM days WHERE id IN (2, 3)")
        try await Fixture.open(in: folder, [dates]) { fixture in
            let rows = try await fixture.database.rows(for: Query(dates, .page(after: nil, limit: 9)), .test)
            #expect(rows.count == 2)
        }
    }

    @Test func `the types of fields are added to an earlier Martlet's record, which is no migration`() async throws {
        let key = Note.resource.fields[0]
        let texts = try ResourceSchema("bags", [key, FieldSchema("bag", .string, isNullable: true)])
        let bags = try ResourceSchema("bags", [key, FieldSchema("bag", .json, isNullable: true)])
        try await Fixture.open(in: folder, [bags]) { _ in }
        try change("INSERT INTO bags (bag) VALUES ('{\"a\":1}')")
        let record = "SELECT number || ' ' || time || ' ' || shape FROM martlet_migrations"
        let complete = try outside().text(record)
        try forgetFieldTypes()
        // Nothing tells that JSON becomes text. That text becomes JSON, its check does.
        #expect(try await plan(texts).refusal(in: .lossless) == nil)
        #expect(try await plan(bags).isNothing)
        #expect(try outside().text(record) != complete)
        try await Fixture.open(in: folder, [bags]) { _ in }
        #expect(try outside().text(record) == complete)
        #expect(try outside().integer("SELECT count(*) FROM martlet_migrations") == 1)
        #expect(try await plan(texts).changes.map(\.losesData) == [true])
        try await Fixture.open(in: folder, [bags]) { _ in }
        try forgetFieldTypes()
        try await Fixture.open(in: folder, [texts]) { _ in }
        #expect(try outside().text("SELECT bag FROM bags") == "{\"a\":1}")
        try forgetFieldTypes()
        #expect(try await plan(bags).changes.map(\.losesData) == [true])
    }

    // MARK: - Failing

    @Test func `a disk that is full leaves the old database, and with room the migration succeeds`() async throws {
        let disk = try FaultyDisk()
        try await fill()
        try change(
            """
            WITH RECURSIVE numbers (n) AS (VALUES (100) UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
            INSERT INTO notes (title, slug) SELECT 'title ' || n, 's' || n FROM numbers
            """)
        let before = try outside().text("SELECT group_concat(sql) FROM sqlite_schema")
        var options = SQLiteDatabase.Options(path: folder.file("martlet.db"))
        options.vfs = disk.name
        let wide = try Self.notes(titles: 0...100)
        for (call, code) in [
            (FAULTY_LOG_WRITE, FaultyDisk.Code.full), (FAULTY_LOG_SYNC, FaultyDisk.Code.syncError),
        ] {
            disk.fail(call, code)
            let database = SQLiteDatabase(options)
            await #expect { try await database.prepare([wide]) } throws: { isUnusable($0) }
            disk.repair(call)
            #expect(try outside().text("SELECT group_concat(sql) FROM sqlite_schema") == before)
            #expect(try outside().integer("SELECT count(*) FROM notes") == 19_904)
        }
        try await Fixture.open(in: folder, [wide]) {
            $0.vfs = disk.name
        } _: { fixture async throws in
            #expect(try fixture.outside().integer("SELECT count(*) FROM notes") == 19_904)
            #expect(try fixture.outside().text("PRAGMA integrity_check") == "ok")
        }
    }

    @Test func `a plan is told beside a server, and leaves a file that isn't there away`() async throws {
        #expect(try await plan(Note.resource).changes.map(\.summary).contains("notes: makes the table"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("martlet.db")))
        try await Fixture.open(in: folder) { fixture in
            try await fixture.insert("a")
            #expect(try await plan(Note.resource).isNothing)
            let wide = try Self.notes(titles: 1...50)
            #expect(try await !plan(wide).isNothing)
            let second = SQLiteDatabase(fixture.options)
            await #expect { try await second.migrate(to: [wide], .lossless) } throws: {
                "\($0)".contains("in use by another server")
            }
            try await fixture.insert("b")
        }
    }
}
