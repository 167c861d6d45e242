import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// What others change in a database between two starts.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct ManualChangeTests {
    let fixture: Fixture
    let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture(), try Fixture.notes())
        try await fixture.open([notes])
        try await fixture.fill(1)
    }

    @Test(arguments: [
        ("ALTER TABLE notes ADD COLUMN more text", "notes: the column more was added since migration 1"),
        ("ALTER TABLE notes DROP COLUMN place", "notes: the column place was dropped since migration 1"),
        (
            "ALTER TABLE notes ALTER COLUMN place SET NOT NULL",
            "notes: the column place was changed (nullable became not nullable) since migration 1"
        ),
        (
            "ALTER TABLE notes DROP CONSTRAINT _check_title",
            "notes: the column title was changed (the check ((char_length(value) >= 1) AND (char_length(value) <= 40)) "
                + "became no check) since migration 1"
        ),
        (
            "ALTER TABLE notes ADD FOREIGN KEY (place) REFERENCES notes",
            "notes: the column place was changed (no reference became a reference to notes.id on delete no action, "
                + "never deferred) since migration 1"
        ),
        ("DROP TABLE notes", "notes: the table was dropped since migration 1"),
        (
            "ALTER TABLE notes DISABLE TRIGGER ALL",
            "notes: the column parent was changed (a reference to notes.id on delete set null became "
                + "a reference to notes.id on delete set null, its triggers disabled) since migration 1"
        ),
    ])
    func `one that only its author can judge stops the start, which names it`(
        _ sql: String, _ line: String
    ) async throws {
        try await fixture.address.run(sql)
        let refusal = await fixture.refusal { try await fixture.open([notes]) }
        #expect(refusal.contains("changed by hand: \(line)\n"), "\(refusal)")
        // Whoever knows what they do goes on.
        _ = try await fixture.database().migrate(to: [notes], .destructive)
        try await fixture.open([notes])
        #expect(try await fixture.plan(notes).isNothing)
    }

    @Test(arguments: [
        ("DROP INDEX \"notes.slug.unique\"", "the index notes.slug.unique was dropped"),
        (
            "DROP INDEX \"notes.title.index\"; CREATE INDEX \"notes.title.index\" ON notes (slug)",
            "the index notes.title.index was changed"
        ),
        ("DROP TRIGGER \"notes.setnull\" ON notes", "the trigger notes.setnull was dropped"),
        ("ALTER TABLE notes DISABLE TRIGGER \"notes.setnull\"", "the trigger notes.setnull was changed"),
        (
            "CREATE OR REPLACE FUNCTION \"notes.setnull\"() RETURNS trigger LANGUAGE plpgsql "
                + "AS 'BEGIN RETURN NEW; END'",
            "the trigger notes.setnull was changed"
        ),
    ])
    func `one that can be mended without a loss is, and told`(_ sql: String, _ line: String) async throws {
        try await fixture.address.run(sql)
        let plan = try await fixture.plan(notes)
        #expect(plan.repairs == ["notes: \(line) by hand since migration 1"])
        #expect(plan.refusal(in: .lossless) == nil)
        try await fixture.open([notes]) { database in
            let count = try await database.count(of: notes)
            #expect(count == 1)
        }
        #expect(try await fixture.plan(notes).isNothing)
    }

    @Test(arguments: [
        ("ALTER TABLE notes SET UNLOGGED", "is UNLOGGED", "SET LOGGED"),
        (
            "CREATE TYPE of AS (id bigint, title text COLLATE \"C\", slug text COLLATE \"C\", place bigint, parent bigint, "
                + "_version bigint); ALTER TABLE notes OF of", "is a typed table", "NOT OF"
        ),
        (
            "CREATE TABLE whole (LIKE notes) PARTITION BY RANGE (id); ALTER TABLE notes ALTER id DROP IDENTITY; "
                + "ALTER TABLE whole ATTACH PARTITION notes DEFAULT", "is a partition of another table", ""
        ),
    ])
    func `a kind of table that can't be served is refused, and what changes it is told`(
        _ sql: String, _ what: String, _ advice: String
    ) async throws {
        try await fixture.address.run(sql)
        let refusal = await fixture.refusal { try await fixture.open([notes]) }
        #expect(refusal.contains("stands against it: notes: it \(what)"), "\(refusal)")
        #expect(refusal.contains(advice), "\(refusal)")
    }

    @Test func `a partitioned table serves as long as it needs no index but its key`() async throws {
        try await fixture.address.run(
            """
            DROP TABLE notes, martlet_migrations; CREATE SEQUENCE keys;
            CREATE TABLE notes (id bigint PRIMARY KEY DEFAULT nextval('keys'), title text COLLATE "C" NOT NULL)
            PARTITION BY RANGE (id); CREATE TABLE notes_all PARTITION OF notes DEFAULT
            """)
        let key = try Fixture.fields.get()[0]
        for (constraint, name) in [(Constraint.unique, "unique"), (.indexed, "index"), (nil, "")] {
            let title = try FieldSchema("title", .string, constraint.map { [$0] } ?? [])
            let resource = try ResourceSchema("notes", [key, title])
            let refusal = await fixture.refusal { try await fixture.open([resource]) }
            let line = "notes: a partitioned table can't have the index notes.title.\(name)"
            #expect(constraint == nil ? refusal == "nothing" : refusal.contains(line), "\(refusal)")
        }
    }

    @Test(arguments: [
        "ALTER SEQUENCE martlet_versions MAXVALUE 3", "ALTER SEQUENCE martlet_versions MAXVALUE 3 CYCLE",
        "ALTER SEQUENCE martlet_versions AS smallint", "ALTER SEQUENCE martlet_versions CYCLE",
    ])
    func `the sequence of versions neither ends nor begins anew after a start`(_ sql: String) async throws {
        try await fixture.address.run(sql)
        try await fixture.open([notes]) { database in
            for number in 0..<5 { _ = try await database.insert("new \(number)", into: notes) }
        }
        #expect(
            try await fixture.address.run(
                "SELECT count(DISTINCT _version) FROM notes UNION ALL "
                    + "SELECT count(*) FROM pg_sequence WHERE seqrelid = 'martlet_versions'::regclass AND NOT seqcycle "
                    + "AND seqmax = 9223372036854775807") == "6\n1")
    }

    @Test func `a record without a version stands against adopting its table`() async throws {
        try await fixture.address.run(
            "DROP TABLE martlet_migrations; ALTER TABLE notes ALTER _version DROP NOT NULL; UPDATE notes SET _version = NULL"
        )
        let plan = try await fixture.plan(notes)
        #expect(
            plan.obstacles.contains { $0.contains("notes._version") && $0.contains("1 record") }, "\(plan.obstacles)")
    }

    @Test func `one that makes the database as the resources want it is none`() async throws {
        try await fixture.address.run("ALTER TABLE notes ADD COLUMN more boolean; UPDATE notes SET more = true")
        let wanted = try Fixture.notes(FieldSchema("more", .boolean, isNullable: true))
        for _ in 0..<2 { try await fixture.open([wanted]) }
        #expect(
            try await fixture.address.run("SELECT number, steps FROM martlet_migrations WHERE number > 1") == "2|")
        #expect(try await fixture.address.run("SELECT more FROM notes") == "t")
    }

    @Test func `what the resources don't care about is nobody's business`() async throws {
        try await fixture.address.run(
            """
            CREATE INDEX mine ON notes (title); CREATE TABLE other (a int REFERENCES notes);
            CREATE VIEW seen AS SELECT * FROM notes;
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER mine_too AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION nothing()
            """)
        #expect(try await fixture.plan(notes).isNothing)
        try await fixture.open([notes])
        #expect(try await fixture.address.run("SELECT count(*) FROM martlet_migrations") == "1")
    }

    @Test func `a table that others have made keeps its definition, and its own checks`() async throws {
        try await fixture.address.run(
            """
            DROP TABLE notes, martlet_migrations;
            CREATE TABLE notes (slug text COLLATE "C" NOT NULL CHECK (slug <> 'no'), id bigserial PRIMARY KEY,
            title text COLLATE "C" NOT NULL, place bigint, parent bigint)
            """)
        for _ in 0..<2 {
            try await fixture.open([notes])
            #expect(try await fixture.plan(notes).isNothing)
        }
        let checks = "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'notes'::regclass ORDER BY 1"
        #expect(try await fixture.address.run(checks) == "notes_slug_check")
        // A column that is added later has Martlet's check, and the others still have none.
        let more = try Fixture.notes(FieldSchema("more", .string, isNullable: true, [.length(0...9)]))
        try await fixture.open([more]) { database in
            let key = try await database.insert("a", into: more)
            #expect(key == .integer(1))
        }
        #expect(try await fixture.address.run(checks) == "_check_more\nnotes_slug_check")
        #expect(try await fixture.plan(more).isNothing)
    }

    @Test func `all that keeps a table of others from serving is told at once`() async throws {
        try await fixture.address.run(
            """
            DROP TABLE notes, martlet_migrations;
            CREATE TABLE notes (id serial PRIMARY KEY, title varchar(80), slug text NOT NULL, extra int);
            INSERT INTO notes (title, slug) VALUES (NULL, 'a'), ('b', 'A')
            """)
        let refusal = await fixture.refusal { try await fixture.open([notes]) }
        for part in [
            "notes: drops the column title of the type character varying(80)", "notes: drops the column extra",
            "has the column title, which compares by default", "has the column slug, which compares by default",
            "ALTER TABLE \"notes\" ALTER COLUMN \"slug\" TYPE text COLLATE \"C\"",
            "makes id (bigint) the key, which is id (integer)",
            "notes.id: it can't become the key of 2 records", "notes.slug: not unique in 2 records",
            "notes.title: there is no value for 2 records",
        ] { #expect(refusal.contains(part), "\(part)\n\(refusal)") }
    }

    @Test func `a column that goes beside a new one of its type is told how it keeps its values`() async throws {
        let fields = try Fixture.fields.get()
        let heading = try FieldSchema("heading", .string, [.length(1...40), .default("none")])
        let renamed = try ResourceSchema("notes", [fields[0], heading] + fields[2...])
        let refusal = await fixture.refusal { try await fixture.open([renamed]) }
        let script = try await fixture.plan(renamed).script
        for text in [refusal, script] {
            #expect(
                text.contains("if the column title is the field heading under another name, `renamedFrom: title`"),
                "\(text)")
        }
        let parts = refusal.split(separator: "--allow-destructive")
        #expect(parts.count == 2 && parts[0].contains("renamedFrom"), "\(refusal)")
    }

    @Test(arguments: [
        (Result { try FieldSchema("title", .string, [.length(...5)]) }, ("notes.title", "0 to 5 characters")),
        (Result { try FieldSchema("title", .enumeration, [.values(["a", "b"])]) }, ("notes.title", "one of a, b")),
        (
            Result { try FieldSchema("place", .integer, isNullable: true, [.unique, .range(2...)]) },
            ("notes.place", "at least 2")
        ),
    ])
    func `records that a tightened field doesn't take are told by its limit and their number`(
        _ field: Result<FieldSchema, any Error>, _ told: (field: String, limit: String)
    ) async throws {
        let new = try field.get()
        let tightened = try ResourceSchema("notes", Fixture.fields.get().map { $0.name == new.name ? new : $0 })
        let refusal = await fixture.refusal { try await fixture.open([tightened]) }
        #expect(
            refusal.contains(
                "\(told.field): 1 record, the first with the key 1, doesn't fit; it takes \(told.limit)\n"),
            "\(refusal)")
        #expect(!refusal.contains("char_length"))
    }

    @Test(arguments: [Constraint.indexed, .unique])
    func `a text that is too long for a new index is told by the index's limit`(_ constraint: Constraint) async throws {
        let key = try Fixture.fields.get()[0]
        let texts = try ResourceSchema("texts", [key, FieldSchema("text", .string)])
        let indexed = try ResourceSchema("texts", [key, FieldSchema("text", .string, [constraint])])
        try await fixture.open([texts])
        try await fixture.address.run(
            """
            INSERT INTO texts (text, _version) VALUES ('short', 1),
            ((SELECT string_agg(md5(i::text), '') FROM generate_series(1, 200) AS i), 2)
            """)
        let line = "texts.text: 1 record, the first with the key 2, doesn't fit; an index takes at most 1792 bytes"
        #expect(try await fixture.plan(indexed).obstacles == [line])
        let refusal = await fixture.refusal { try await fixture.open([indexed]) }
        #expect(refusal.contains(line), "\(refusal)")
    }

    @Test(arguments: [
        ("ALTER TABLE notes ALTER COLUMN title TYPE text COLLATE \"default\"", "which compares by default"),
        ("CREATE UNIQUE INDEX mine ON notes (title)", "has the unique index mine"),
        ("ALTER TABLE notes RENAME TO old; CREATE VIEW notes AS SELECT * FROM old", "is no table"),
    ])
    func `what Martlet doesn't undo stands against everything`(_ sql: String, _ part: String) async throws {
        try await fixture.address.run(sql)
        for mode in [Migration.Mode.lossless, .destructive] {
            let refusal = await fixture.refusal { _ = try await fixture.database().migrate(to: [notes], mode) }
            #expect(refusal.contains("stands against it: notes: it ") && refusal.contains(part), "\(refusal)")
        }
    }
}
