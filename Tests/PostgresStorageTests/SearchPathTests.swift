import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// Of all schemas that a session could search, one holds Martlet's tables, and no other is looked at.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct SearchPathTests {
    let fixture: Fixture
    let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture(), try Fixture.notes())
    }

    @Test func `another application's table in a schema further down the search path is left alone`() async throws {
        try await fixture.address.run(
            """
            CREATE SCHEMA app; CREATE TABLE public.notes (id bigint PRIMARY KEY, name text);
            INSERT INTO public.notes VALUES (1, 'theirs');
            """)
        let app = fixture.searching("app,public")
        for round in 1...2 {
            try await app.open([notes]) { database in
                let before = try await database.count(of: notes)
                let key = try await database.insert("a", into: notes)
                #expect(before == 0 && key == .integer(Int64(round)))
                _ = try await database.commit(
                    Transaction([Mutation(notes, .delete(.integer(Int64(round))))], at: .epoch), .test)
            }
        }
        #expect(try await fixture.address.run("SELECT * FROM public.notes") == "1|theirs")
        let tables = "SELECT schemaname, tablename FROM pg_tables WHERE tablename ~ '^(notes|martlet)' ORDER BY 1, 2"
        #expect(
            try await fixture.address.run(tables)
                == "app|martlet_idempotency\napp|martlet_migrations\napp|notes\npublic|notes")
        #expect(try await app.plan(notes).isNothing)
    }

    @Test func `a start is refused where PostgreSQL wouldn't enforce references`() async throws {
        try await fixture.open([notes])
        let replica = fixture.with("options", "-csession_replication_role%3Dreplica")
        let refusal = await fixture.refusal { try await replica.open([notes]) }
        #expect(refusal.contains("session_replication_role is replica"), "\(refusal)")
        // Set later, new connections are refused.
        try await fixture.open([notes]) { database in
            try await fixture.address.run(
                """
                SELECT format('ALTER DATABASE %I SET session_replication_role = replica', current_database()) \\gexec
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name ~ '^martlet' AND datname = current_database()
                """)
            await #expect(throws: StorageError.self) {
                for _ in 0..<100 { _ = try await database.insert("a", into: notes) }
            }
        }
    }

    @Test func `what the database sets for its sessions is set anew where it matters`() async throws {
        try await fixture.open([notes])
        try await fixture.address.run(
            """
            SELECT format('ALTER DATABASE %I SET ' || setting, current_database()) FROM unnest(ARRAY[
                'exit_on_error = on', 'extra_float_digits = -3', 'bytea_output = escape', 'intervalstyle = sql_standard',
                'default_transaction_isolation = serializable', 'standard_conforming_strings = off',
                'datestyle = German', 'row_security = on', 'transform_null_equals = on']) AS setting \\gexec
            """)
        try await fixture.open([notes]) { database in
            let first = try await database.insert("a", into: notes)
            let second = try await database.insert("a", into: notes)
            #expect(first == .integer(1) && second == nil)
        }
        #expect(try await fixture.plan(notes).isNothing)
    }

    @Test(arguments: ["notes", "a", "Upper", "with space", "martlet_notes"])
    func `a schema may have any name, and that of another's tables, too`(_ name: String) async throws {
        try await fixture.address.run("CREATE SCHEMA \"\(name)\"; CREATE SCHEMA other; SET search_path TO \"\(name)\"")
        let own = fixture.searching("%22\(name.replacing(" ", with: "%5C%20"))%22,other")
        for _ in 0..<2 { try await own.open([notes]) }
        #expect(try await own.plan(notes).isNothing)
        #expect(try await own.address.run("SELECT count(*) FROM martlet_migrations") == "1")
    }

    @Test func `two tenants in two schemas of one database start at once and see nothing of each other`() async throws {
        try await fixture.address.run("CREATE SCHEMA one; CREATE SCHEMA two")
        try await fixture.searching("one,two").open([notes]) { one in
            let key = try await one.insert("a", into: notes)
            #expect(key == .integer(1))
            // The second one's migration doesn't wait for what the first one's has locked.
            try await fixture.whileOthers("LOCK TABLE one.notes, one.martlet_migrations IN ACCESS EXCLUSIVE MODE") {
                try await fixture.searching("two,one").open([notes]) { two in
                    let (count, key) = (try await two.count(of: notes), try await two.insert("a", into: notes))
                    #expect(count == 0 && key == .integer(1))
                }
            }
        }
    }

    @Test func `a schema that appears before that with the tables stops the start, which names both`() async throws {
        try await fixture.searching("public").open([notes]) { database in
            _ = try await database.insert("a", into: notes)
        }
        let user = try await fixture.address.run("SELECT current_user")
        let standard = fixture.searching("%22$user%22,public")
        try await fixture.address.run("CREATE SCHEMA \"\(user)\"")
        for sql in ["", "CREATE TABLE \"\(user)\".notes (LIKE public.notes INCLUDING ALL)"] {
            if !sql.isEmpty { try await fixture.address.run(sql) }
            let refusal = await fixture.refusal { try await standard.open([notes]) }
            for part in [
                "the schema \(user) comes first", "the schema public after it", "options=-csearch_path%3Dpublic",
            ] {
                #expect(refusal.contains(part), "\(refusal)")
            }
        }
        // Also under another name, once it has a table that would be taken for a resource's.
        let refusal = await fixture.refusal { try await fixture.searching("%22\(user)%22,public").open([notes]) }
        #expect(refusal.contains("the schema public after it"), "\(refusal)")
        try await fixture.searching("public").open([notes]) { database in
            let count = try await database.count(of: notes)
            #expect(count == 1)
        }
    }

    @Test func `a search path that is changed while the server runs leads none of its connections elsewhere`()
        async throws
    {
        try await fixture.address.run("CREATE SCHEMA app; CREATE SCHEMA other; CREATE TABLE other.notes (id bigint)")
        try await fixture.searching("app").open([notes]) { database in
            _ = try await database.insert("a", into: notes)
            try await fixture.address.run(
                """
                DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = other', current_database()); END $$;
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name LIKE 'martlet%' AND datname = current_database()
                """)
            let deadline = ContinuousClock.now + .seconds(60)
            while await database.health() != .ready, .now < deadline { try await Task.sleep(for: .milliseconds(20)) }
            let count = try? await database.count(of: notes)
            #expect(count == 1)
        }
    }

    @Test func `a search path without a schema is refused with what to write`() async throws {
        let refusal = await fixture.refusal { try await fixture.searching("nowhere").open([notes]) }
        #expect(refusal.contains("the search path (nowhere) has no schema that exists"), "\(refusal)")
        #expect(refusal.contains("?options=-csearch_path%3Dpublic"), "\(refusal)")
    }

    @Test func `the user's own schema comes first where the search path says so`() async throws {
        try await fixture.address.run("DO $$ BEGIN EXECUTE format('CREATE SCHEMA %I', current_user); END $$")
        try await fixture.open([notes])
        #expect(
            try await fixture.address.run("SELECT schemaname = current_user FROM pg_tables WHERE tablename = 'notes'")
                == "t")
    }

    @Test(arguments: [
        ("CREATE VIEW app.notes AS SELECT 1 AS id", "notes: it is no table but a view"),
        ("CREATE MATERIALIZED VIEW app.notes AS SELECT 1 AS id", "notes: it is no table but a materialized view"),
        ("CREATE SEQUENCE app.notes", "notes: it is no table but a sequence"),
        ("CREATE TYPE app.notes AS ENUM ('a')", "notes: it is no table but a type"),
        ("CREATE DOMAIN app.notes AS text", "notes: it is no table but a type"),
        (
            "CREATE TABLE app.other (a int); CREATE INDEX \"notes.title.index\" ON app.other (a)",
            "notes: the name of its index notes.title.index is taken by an index of other"
        ),
        (
            "CREATE TABLE app.\"notes.slug.unique\" (a int)",
            "notes: the name of its index notes.slug.unique is taken by a table"
        ),
        (
            "CREATE TABLE app.martlet_versions (a int)",
            "martlet_versions: the name is Martlet's own, and is taken by a table"
        ),
    ])
    func `a name that something else has in the schema stands against the start`(
        _ sql: String, _ line: String
    ) async throws {
        try await fixture.address.run("CREATE SCHEMA app; \(sql)")
        let app = fixture.searching("app,public")
        let refusal = await fixture.refusal { try await app.open([notes]) }
        #expect(refusal.contains("stands against it: \(line)\n"), "\(refusal)")
        // In another schema it is nobody's business.
        try await fixture.searching("public,app").open([notes])
    }

    @Test func `rights that a migration needs are told before it is begun`() async throws {
        let role = "limited_\(UInt32.random(in: 0 ... .max))"
        try await fixture.address.run(
            "CREATE ROLE \(role) LOGIN; CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO \(role)")
        let app = fixture.searching("app")
        let first = await fixture.refusal { try await app.with("user", role).open([notes]) }
        try await app.open([notes])
        let more = try Fixture.notes(FieldSchema("more", .integer, isNullable: true))
        try await fixture.address.run("GRANT ALL ON ALL TABLES IN SCHEMA app TO \(role)")
        let second = await fixture.refusal { try await app.with("user", role).open([more]) }
        try await fixture.address.run("DROP OWNED BY \(role); DROP ROLE \(role)")
        #expect(
            first.contains("schema app: the role \(role) may not make tables and indexes in it; GRANT CREATE"),
            "\(first)")
        #expect(second.contains("notes: the role \(role) does not own the table"), "\(second)")
        #expect(second.contains("GRANT CREATE"), "\(second)")
    }

    @Test func `functions, operators and types of others hide none of the database's`() async throws {
        try await fixture.address.run(
            """
            CREATE SCHEMA app; SET search_path TO app;
            CREATE FUNCTION app.lower(text) RETURNS text LANGUAGE sql AS 'SELECT random()::pg_catalog.text';
            CREATE FUNCTION app.nope(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
            CREATE OPERATOR app.= (LEFTARG = text, RIGHTARG = text, FUNCTION = app.nope);
            CREATE FUNCTION app.nextval(regclass) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
            CREATE DOMAIN app.text AS pg_catalog.text CHECK (false);
            """)
        let app = fixture.searching("app,pg_catalog")
        try await app.open([notes]) { database in
            var keys: [Key?] = []
            for slug in ["a", "A", "b"] { keys.append(try await database.insert(slug, into: notes)) }
            #expect(keys.map { $0 == nil } == [false, true, false])
        }
        #expect(try await app.plan(notes).isNothing)
        #expect(try await fixture.address.run("SELECT count(DISTINCT _version) FROM app.notes") == "2")
    }

    @Test func `a reference to a table of another schema isn't the one that is wanted`() async throws {
        try await fixture.address.run(
            """
            CREATE SCHEMA app; CREATE TABLE public.notes (id bigint PRIMARY KEY);
            """)
        let app = fixture.searching("app,public")
        try await app.open([notes])
        try await fixture.address.run(
            """
            ALTER TABLE app.notes DROP CONSTRAINT _reference_parent, ADD CONSTRAINT _reference_parent
            FOREIGN KEY (parent) REFERENCES public.notes ON DELETE SET NULL DEFERRABLE
            """)
        let refusal = await fixture.refusal { try await app.open([notes]) }
        #expect(refusal.contains("became a reference to public.notes.id on delete set null"), "\(refusal)")
    }

    @Test func `a session that searches other schemas may set references to null`() async throws {
        try await fixture.address.run("CREATE SCHEMA app")
        let app = fixture.searching("app")
        try await app.open([notes])
        try await fixture.address.run(
            """
            INSERT INTO app.notes (title, slug, parent) VALUES ('a', 'a', NULL), ('b', 'b', 1);
            DELETE FROM app.notes WHERE id = 1
            """)
        #expect(try await fixture.address.run("SELECT parent IS NULL, _version > 0 FROM app.notes") == "t|t")
    }
}
