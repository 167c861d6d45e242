import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Synchronization
import Testing

/// What only PostgreSQL does. What every storage does is in the contract.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct MigrationTests {
    let fixture: Fixture
    let notes: ResourceSchema
    /// The same with another column.
    let more: ResourceSchema

    init() async throws {
        fixture = try await Fixture()
        notes = try Fixture.notes()
        more = try Fixture.notes(
            FieldSchema("rank", .integer, [.default(7), .indexed]), FieldSchema("data", .json, isNullable: true))
    }

    /// All that a schema has, as psql tells it.
    private func objects() async throws -> String {
        try await fixture.address.run(
            """
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace UNION ALL
            SELECT nspname FROM pg_namespace WHERE nspname LIKE 'martlet%' UNION ALL
            SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1
            """)
    }

    @Test func `a plan tells the SQL, which psql can run, and changes nothing`() async throws {
        let first = try await fixture.plan(notes)
        #expect(first.script.contains("-- notes: makes the table\nCREATE TABLE \"notes\" ("))
        #expect(try await objects() == "")
        try await fixture.open([notes])
        try await fixture.fill(2)
        let before = try await objects()
        let plan = try await fixture.plan(more)
        #expect(plan.script.hasPrefix("BEGIN;\n") && plan.script.hasSuffix("COMMIT;"), "\(plan.script)")
        #expect(try await objects() == before)
        try await fixture.address.run(plan.script)
        #expect(try await fixture.plan(more).isNothing)
        #expect(try await fixture.address.run("SELECT sum(rank) FROM notes") == "14")
    }

    @Test(arguments: [
        ("CREATE VIEW places AS SELECT place FROM notes", "the view places"),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
                + "CREATE TRIGGER mine AFTER UPDATE OF place ON notes FOR EACH ROW EXECUTE FUNCTION f()",
            "the trigger mine"
        ),
    ])
    func `what others have made of a column that goes is named in the plan`(_ sql: String, _ subject: String)
        async throws
    {
        try await fixture.open([notes])
        try await fixture.address.run(sql)
        let fewer = try ResourceSchema("notes", Fixture.fields.get().filter { $0.name != "place" })
        let line = "\(subject) would no longer work: it needs the column place of notes: change or drop it first"
        #expect(try await fixture.plan(fewer).obstacles == [line])
        let refusal = await fixture.refusal { _ = try await fixture.database().migrate(to: [fewer], .destructive) }
        #expect(refusal.contains(line), "\(refusal)")
    }

    @Test func `what depends on a column that begins anew is made again, and of others it is told that it goes`()
        async throws
    {
        try await fixture.open([notes])
        try await fixture.fill(2)
        try await fixture.address.run(
            "CREATE INDEX mine ON notes (title) WHERE parent IS NULL; CREATE INDEX mine_too ON notes (slug)")
        let others = try ResourceSchema("others", [FieldSchema("id", .uuid, [.key(.assigned)])])
        let parent = try FieldSchema("parent", .uuid, isNullable: true, [.references("others", onDelete: .setNull)])
        let changed = try ResourceSchema("notes", Fixture.fields.get().dropLast() + [parent])
        let migration = try await fixture.database().migrate(to: [changed, others], .destructive)
        let goes = migration.changes.map(\.summary).filter { $0.contains("which names a column that goes") }
        #expect(goes == ["notes: drops mine, which names a column that goes"])
        #expect(try await fixture.plan(changed, others).isNothing)
        #expect(try await objects().contains("notes.parent.index"))
    }

    @Test func `a key is given by the server, and then no more`() async throws {
        let fields = try Array(Fixture.fields.get().dropFirst())
        let assigned = try ResourceSchema("notes", [FieldSchema("id", .integer, [.key(.assigned)])] + fields)
        try await fixture.open([assigned])
        try await fixture.address.run("INSERT INTO notes (id, title, slug) VALUES (41, 'a title', 'a')")
        try await fixture.open([notes]) { database in
            let key = try await database.insert("b", into: notes)
            #expect(key == .integer(42))
        }
        _ = try await fixture.database().migrate(to: [assigned], .lossless)
        try await fixture.open([assigned])
        #expect(try await fixture.plan(assigned).isNothing)
    }

    @Test func `a new field may have the name that another one had`() async throws {
        try await fixture.open([notes])
        try await fixture.fill(1)
        let fields = try Fixture.fields.get()
        let title = try FieldSchema("title", .string, [.length(1...50), .default("new")])
        for (rename, further) in [([Constraint.renamedFrom("title")], []), ([], [title])] {
            let heading = try FieldSchema("heading", .string, [.length(1...40), .indexed] + rename)
            let changed = try ResourceSchema("notes", [fields[0], heading] + fields[2...] + further)
            try await fixture.open([changed])
            #expect(try await fixture.plan(changed).isNothing)
        }
        #expect(try await fixture.address.run("SELECT heading, title FROM notes") == "a title|new")
    }

    @Test func `a start that finds what it knows makes nothing to compare with`() async throws {
        try await fixture.open([notes])
        try await fixture.address.run(
            """
            CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'DDL'; END $$;
            CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION no();
            """)
        try await fixture.open([notes])
        let refusal = await fixture.refusal { try await fixture.open([more]) }
        #expect(refusal.contains("DDL"))
    }

    @Test func `of several that start at once one migrates, and the others find it done`() async throws {
        for (number, schema) in [notes, more].enumerated() {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { [fixture] in try await fixture.open([schema]) } }
                try await group.waitForAll()
            }
            let count = try await fixture.address.run("SELECT count(*) FROM martlet_migrations")
            #expect(count == "\(number + 1)")
            if number == 0 { try await fixture.fill(20_000) }
        }
    }

    @Test func `a server goes on reading and writing while another one adds a column`() async throws {
        try await fixture.open([notes]) { database in
            let first = try await database.insert("a", into: notes)
            #expect(try await database.count(of: notes) == 1)
            try await fixture.open([Fixture.notes(FieldSchema("more", .integer, isNullable: true))]) { other in
                #expect(try await database.count(of: notes) == 1)
                #expect(try await database.insert("b", into: notes) != nil)
                #expect(try await database.insert("A", into: notes) == nil)
                let key = try #require(first)
                let deleted = try await database.commit(Transaction([Mutation(notes, .delete(key))], at: .epoch), .test)
                guard case .committed = deleted else {
                    Issue.record("\(deleted)")
                    return
                }
                #expect(try await database.count(of: notes) == 1)
                _ = other
            }
        }
    }

    @Test func `a server that works meanwhile isn't stopped by a migration`() async throws {
        try await fixture.open([notes]) { database in
            let isOver = Mutex(false)
            async let work = {
                var count = 0
                while !isOver.withLock({ $0 }), !Task.isCancelled {
                    do {
                        if try await database.insert("slug \(count)", into: notes) != nil { count += 1 }
                        _ = try await database.count(of: notes)
                    } catch StorageError.timedOut {
                        // Where the machine has other things to do, a migration's lock may take too long. Nothing was done.
                    }
                }
                return count
            }()
            for place in 0..<10 {
                let schema = try Fixture.notes(FieldSchema("more\(place)", .integer, isNullable: true))
                _ = try await fixture.database().migrate(to: [schema], .destructive)
            }
            isOver.withLock { $0 = true }
            let count = try await work
            #expect(try await fixture.address.run("SELECT count(*) FROM notes") == "\(count)")
        }
    }

    @Test func `whoever is in the way is waited for, but not for ever`() async throws {
        try await fixture.open([notes])
        let opening = try await fixture.whileOthers("SELECT FROM notes") { () async throws in
            // A start waits for as long as a request may take.
            let options = fixture.options { $0.timeout = .seconds(60) }
            let opening = Task { [fixture, more] in try await fixture.open([more], options) }
            // Time enough to do it, if nobody were waited for.
            try await Task.sleep(for: .seconds(2))
            let added = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'notes'::regclass AND attname = 'rank'"
            #expect(try await fixture.address.run(added) == "0")
            return opening
        }
        try await opening.value
        try await fixture.whileOthers("SELECT FROM notes") { () async throws in
            let begin = ContinuousClock.now
            let refusal = await fixture.refusal {
                _ = try await fixture.database().migrate(to: [notes], .destructive)
            }
            #expect(.now - begin < .seconds(40))
            #expect(refusal.contains("the tables can't be changed while others use them"), "\(refusal)")
            #expect(refusal.contains("(somebody) has locked them, in a transaction of"), "\(refusal)")
            #expect(try await fixture.plan(more).isNothing)
        }
    }

    @Test func `a start that is refused waits for nobody, and nobody for it`() async throws {
        try await fixture.open([more])
        try await fixture.whileOthers("SELECT FROM notes") { () async throws in
            let refusal = await fixture.refusal { try await fixture.open([notes]) }
            #expect(refusal.contains("would lose data: notes: drops the column rank"), "\(refusal)")
        }
    }

    @Test func `one that is ended in the middle leaves the old database, and is done by the next`() async throws {
        let seed = TestSeed.forRun(of: "a migration ended")
        var random = SplitMix64(seed: seed)
        try await fixture.open([notes])
        try await fixture.fill(100_000)
        var ended = 0
        for round in 0..<6 {
            let (old, new) = round % 2 == 0 ? (notes, more) : (more, notes)
            let migration = Task { [fixture] in try await fixture.database().migrate(to: [new], .destructive) }
            try await fixture.endMigration(after: Int.random(in: 0...20, using: &random))
            do {
                _ = try await migration.value
            } catch {
                ended += 1
                #expect(try await fixture.plan(old).isNothing)
            }
            _ = try await fixture.database().migrate(to: [new], .destructive)
            #expect(try await fixture.plan(new).isNothing)
            #expect(try await fixture.address.run("SELECT count(*), max(place) FROM notes") == "100000|100000")
        }
        #expect(ended > 0)
    }
}

extension Fixture {
    /// Waits for a migration's transaction, and ends it when it is so many milliseconds old: by PostgreSQL's clock, and by
    /// itself, as a test's may stand still for longer. Waits for some seconds at the most: it may be done before.
    fileprivate func endMigration(after age: Int) async throws {
        try await address.run(
            """
            DO $$ BEGIN
                FOR turn IN 1..2000 LOOP
                    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'martlet setup' AND datname = current_database()
                        AND clock_timestamp() - xact_start >= interval '\(age) milliseconds';
                    EXIT WHEN FOUND;
                    PERFORM pg_sleep(0.001), pg_stat_clear_snapshot();
                END LOOP;
            END $$
            """)
    }
}
