import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// Sequences beside which others have inserted records.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct SequenceTests {
    let fixture: Fixture
    let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture(), try Fixture.notes())
    }

    private static func restore(_ keys: String) -> String {
        "INSERT INTO notes (id, title, slug) OVERRIDING SYSTEM VALUE "
            + "SELECT id, 'a title', 'restored ' || id FROM \(keys) AS id"
    }

    @Test(arguments: [
        ("", "generate_series(1, 50)", 51),
        ("", "generate_series(1, 5000)", 5001),
        ("ALTER TABLE notes ALTER id SET GENERATED ALWAYS", "generate_series(1, 50)", 51),
        ("ALTER TABLE notes ALTER id SET INCREMENT 10", "generate_series(1, 42)", 51),
        (
            "ALTER TABLE notes ALTER id SET INCREMENT -1 SET NO MINVALUE SET MAXVALUE -1 SET START WITH -1 RESTART",
            "generate_series(-50, -1)", -51
        ),
        ("ALTER TABLE notes ALTER id SET CACHE 20", "generate_series(1, 50)", 51),
        ("ALTER TABLE notes ALTER id RESTART WITH 1000", "generate_series(1, 50)", 1000),
        (
            "ALTER TABLE notes ALTER id DROP IDENTITY; CREATE SEQUENCE shared; "
                + "ALTER TABLE notes ALTER id SET DEFAULT nextval('shared')", "generate_series(1, 50)", 51
        ),
    ])
    func `a new record's key comes after those that others have inserted, before the start or while it runs`(
        _ sql: String, _ keys: String, _ key: Int64
    ) async throws {
        for isBefore in [true, false] {
            try await fixture.address.run("DROP TABLE IF EXISTS notes; DROP SEQUENCE IF EXISTS shared")
            try await fixture.address.run("DROP TABLE IF EXISTS martlet_migrations")
            try await fixture.open([notes])
            try await fixture.address.run(sql)
            if isBefore { try await fixture.address.run(Self.restore(keys)) }
            try await fixture.open([notes]) { database in
                if !isBefore { try await fixture.address.run(Self.restore(keys)) }
                let made = try await database.insert("a", into: notes)
                #expect(made == .integer(key), "\(isBefore)")
                let next = try await database.insert("b", into: notes)
                #expect(next != nil && next != made)
            }
        }
    }

    @Test func `many at once after a restore are all made, each with its own key`() async throws {
        try await fixture.open([notes]) { database in
            try await fixture.address.run(Self.restore("generate_series(1, 500)"))
            let keys = try await withThrowingTaskGroup(of: Key?.self) { group in
                for number in 0..<40 {
                    group.addTask { [notes] in try await database.insert("new \(number)", into: notes) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(keys.compactMap(\.self)).count == 40)
        }
    }

    @Test func `a record with the highest key there is keeps none from being made`() async throws {
        try await fixture.open([notes])
        try await fixture.address.run(Self.restore("unnest(ARRAY[1, 2, 9223372036854775807])"))
        for slug in ["a", "b"] {
            try await fixture.open([notes]) { database in
                let made = try await database.insert(slug, into: notes)
                #expect(made == .integer(slug == "a" ? 3 : 4))
            }
        }
    }

    @Test func `a sequence that is used up is told as one without keys`() async throws {
        try await fixture.open([notes])
        try await fixture.address.run("ALTER TABLE notes ALTER id SET MAXVALUE 2")
        try await fixture.open([notes]) { database in
            for slug in ["a", "b"] { _ = try await database.insert(slug, into: notes) }
            await #expect {
                _ = try await database.insert("c", into: notes)
            } throws: { error in
                if case .noKeysLeft = error as? StorageError { true } else { false }
            }
        }
    }

    @Test func `versions come after those of restored records`() async throws {
        try await fixture.open([notes])
        let high = "UPDATE notes SET _version = 500"
        for isBefore in [true, false] {
            try await fixture.address.run("TRUNCATE notes RESTART IDENTITY; ALTER SEQUENCE martlet_versions RESTART")
            if isBefore { try await fixture.address.run("\(Self.restore("generate_series(1, 2)")); \(high)") }
            try await fixture.open([notes]) { database in
                if !isBefore { try await fixture.address.run("\(Self.restore("generate_series(1, 2)")); \(high)") }
                try await database.setTitle("new", of: .integer(1), in: notes)
                _ = try await database.insert("a", into: notes)
            }
            let versions = "SELECT count(DISTINCT _version), min(_version), max(_version) < 600 FROM notes"
            #expect(try await fixture.address.run(versions) == "3|500|t", "\(isBefore)")
        }
        // One that leaves nothing above it is none to go by.
        try await fixture.address.run("UPDATE notes SET _version = 9223372036854775807 WHERE id = 2")
        try await fixture.open([notes]) { database in
            try await database.setTitle("new", of: .integer(2), in: notes)
        }
        #expect(try await fixture.address.run("SELECT _version < 600 FROM notes WHERE id = 2") == "t")
    }

    @Test func `without rights that its writes need no server starts`() async throws {
        try await fixture.open([notes])
        try await fixture.address.run(
            """
            CREATE SEQUENCE theirs;
            ALTER TABLE notes ALTER id DROP IDENTITY, ALTER id SET DEFAULT nextval('theirs')
            """)
        try await fixture.open([notes])
        let role = "limited_\(UInt32.random(in: 0 ... .max))"
        try await fixture.address.run(
            """
            CREATE ROLE \(role) LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO \(role);
            GRANT INSERT, UPDATE ON notes TO \(role)
            """)
        let limited = fixture.with("user", role)
        let refusal = await fixture.refusal { try await limited.open([notes]) }
        for line in [
            "notes: the role \(role) lacks the right to DELETE: GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO \(role)",
            "martlet_idempotency: the role \(role) lacks the right to INSERT, UPDATE, DELETE: GRANT",
            "theirs: the role \(role) may not take numbers from the sequence: GRANT USAGE ON SEQUENCE theirs TO \(role)",
            "martlet_versions: the role \(role) may not take numbers from the sequence",
        ] {
            #expect(refusal.contains(line), "\(refusal)")
        }
        try await fixture.address.run(
            """
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO \(role);
            GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO \(role)
            """)
        try await limited.open([notes]) { database in _ = try await database.insert("a", into: notes) }
        try await fixture.address.run("DROP OWNED BY \(role); DROP ROLE \(role)")
    }

    @Test func `a column that others have added to Martlet's own table stands against a start`() async throws {
        try await fixture.open([notes])
        try await fixture.address.run("ALTER TABLE martlet_idempotency ADD COLUMN x int NOT NULL")
        let refusal = await fixture.refusal { try await fixture.open([notes]) }
        #expect(refusal.contains("martlet_idempotency: Martlet gives no value to the column x"), "\(refusal)")
    }
}
