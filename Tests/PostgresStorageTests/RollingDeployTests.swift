import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// A server with the resources before and one with those after beside each other, for each change that a migration does by
/// itself.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct RollingDeployTests {
    let fixture: Fixture
    let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture(), try Fixture.notes())
    }

    /// With one field declared otherwise.
    private func changed(_ field: FieldSchema) throws -> ResourceSchema {
        try ResourceSchema("notes", Fixture.fields.get().map { $0.name == field.name ? field : $0 })
    }

    /// - Parameter body: gets the older server, beside which the newer one runs.
    private func beside(
        _ newer: [ResourceSchema], records: [String] = [], _ body: (PostgresDatabase) async throws -> Void
    ) async throws {
        try await fixture.open([notes]) { older in
            for slug in records { _ = try await older.insert(slug, into: notes) }
            try await fixture.open(newer) { _ in try await body(older) }
        }
        try await fixture.open(newer)
    }

    private func refusal(_ database: PostgresDatabase, _ mutation: Mutation) async throws -> Refusal.Reason? {
        let result = try await database.commit(Transaction([mutation], at: .epoch), .test)
        guard case .refused(let refusals) = result else { return nil }
        return refusals.first?.reason
    }

    private func isOutdated(_ part: String, _ body: () async throws -> Void) async {
        do {
            try await body()
            Issue.record("nothing was thrown")
        } catch StorageError.outdated(let reason) {
            #expect(reason.contains(part))
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test func `the older server makes records without the fields that were added`() async throws {
        let newer = try Fixture.notes(
            FieldSchema("rank", .integer, [.default(7)]), FieldSchema("mark", .string, isNullable: true),
            FieldSchema("label", .string, isNullable: true, [.default("it's")]),
            FieldSchema("createdAt", .timestamp, [.managed(.createdAt)]),
            FieldSchema("updatedAt", .timestamp, [.managed(.updatedAt)]))
        try await beside([newer], records: ["a"]) { older in
            let key = try await older.insert("b", into: notes)
            #expect(key == .integer(2))
            try await older.setTitle("new", of: .integer(1), in: notes)
        }
        let rows = "SELECT rank, mark IS NULL, label, created_at <= now(), updated_at <= now() FROM notes"
        #expect(try await fixture.address.run(rows) == "7|t|it's|t|t\n7|t|it's|t|t")
        // The defaults are no change by hand, and none to undo.
        let plan = try await fixture.plan(newer)
        #expect(plan.isNothing && plan.repairs.isEmpty)
        #expect(try await fixture.address.run("SELECT count(*) FROM martlet_migrations") == "2")
    }

    @Test func `what the older server can't say of a field that was added is told`() async throws {
        try await beside([Fixture.notes(FieldSchema("rank", .integer))]) { older in
            await isOutdated("rank") { _ = try await older.insert("a", into: notes) }
        }
    }

    @Test func `a value that is unique since then is taken on the older server too`() async throws {
        let newer = try changed(FieldSchema("title", .string, [.length(1...40), .unique]))
        try await beside([newer], records: ["a"]) { older in
            let reason = try await refusal(older, .inserting("b", into: notes))
            #expect(reason == .uniqueTaken([1]))
            let ignoring = try await older.insert("A", into: notes)
            #expect(ignoring == nil)
        }
    }

    @Test func `of fields that are unique together since then, all are named on the older server`() async throws {
        let newer = try ResourceSchema("notes", Fixture.fields.get(), unique: [["parent", "title"]])
        try await beside([newer], records: ["a", "b", "c"]) { older in
            try await fixture.address.run("UPDATE notes SET parent = 1, title = slug WHERE id > 1")
            let reason = try await refusal(older, .setting("title", to: "b", of: .integer(3), in: notes))
            #expect(reason == .uniqueTaken([1, 4]))
            let other = try await refusal(older, .setting("title", to: "d", of: .integer(3), in: notes))
            #expect(other == nil)
        }
    }

    @Test(arguments: [
        (Result { try FieldSchema("place", .integer, [.unique]) }, "place"),
        (Result { try FieldSchema("parent", .integer, [.references("notes", onDelete: .restrict)]) }, "parent"),
    ])
    func `a constraint that the older server doesn't know refuses its record with a reason`(
        _ field: Result<FieldSchema, any Error>, _ part: String
    ) async throws {
        try await beside([changed(field.get())]) { older in
            await isOutdated(part) { _ = try await older.insert("a", into: notes) }
        }
    }

    @Test(arguments: [
        Result { try FieldSchema("title", .string, [.length(1...5)]) },
        Result { try FieldSchema("title", .enumeration, [.values(["b title"])]) },
    ])
    func `a check that the older server doesn't know refuses its record, and names the field`(
        _ field: Result<FieldSchema, any Error>
    ) async throws {
        try await beside([changed(field.get())]) { older in
            let reason = try await refusal(older, .inserting("a", into: notes))
            #expect(reason == .rejected([1], "it breaks the constraint _check_title of the table notes"))
        }
    }

    @Test func `every field that a check refuses is named, and every record of an array`() async throws {
        let fields = try Fixture.fields.get()
        let newer = try ResourceSchema(
            "notes",
            [
                fields[0], FieldSchema("title", .string, [.length(1...5)]),
                FieldSchema("slug", .string, [.unique(ignoringCase: true), .length(1...3)]), fields[3], fields[4],
            ])
        try await fixture.open([notes]) { older in
            try await fixture.open([newer]) { _ in
                let result = try await older.commit(
                    Transaction([.inserting("a", into: notes), .inserting("long", into: notes)], at: .epoch), .test)
                #expect(
                    result
                        == .refused([
                            Refusal(
                                mutation: 0, .rejected([1], "it breaks the constraint _check_title of the table notes")),
                            Refusal(
                                mutation: 1,
                                .rejected(
                                    [1, 2], "it breaks the constraints _check_slug, _check_title of the table notes")),
                        ]))
            }
            // Others' constraints have any name and are about any columns.
            try await fixture.address.run(
                "ALTER TABLE notes DROP CONSTRAINT _check_title, ADD CONSTRAINT mine CHECK (length(title || slug) < 9)")
            let reason = try await refusal(older, .inserting("abc", into: notes))
            #expect(reason == .rejected([1, 2], "it breaks the constraint mine of the table notes"))
        }
    }

    @Test(arguments: [3000, 30_000])
    func `a text that is too long for an index of the newer server names its field`(_ length: Int) async throws {
        let free = try changed(FieldSchema("title", .string))
        var random = SplitMix64(seed: 7)
        let title = String(
            (0..<length).map { _ in Character(UnicodeScalar(UInt8.random(in: 48...122, using: &random))) })
        try await fixture.open([free]) { older in
            let key = try #require(try await older.insert("a", into: free))
            try await fixture.open([changed(FieldSchema("title", .string, [.indexed]))]) { _ in
                let reason = try await refusal(older, .setting("title", to: title, of: key, in: free))
                guard case .rejected([1], let text) = reason else {
                    Issue.record("\(String(describing: reason))")
                    return
                }
                #expect(text.hasPrefix("it is too long for"))
            }
        }
    }

    @Test func `constraints that are relaxed leave the older server as it is`() async throws {
        let newer = try ResourceSchema(
            "notes",
            [
                FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("title", .string, isNullable: true),
                FieldSchema("slug", .string), FieldSchema("place", .integer, isNullable: true),
                FieldSchema("parent", .integer, isNullable: true),
            ])
        try await beside([newer]) { older in
            let keys = [try await older.insert("a", into: notes), try await older.insert("a", into: notes)]
            #expect(keys == [.integer(1), .integer(2)])
            try await fixture.address.run("INSERT INTO notes (slug, parent) VALUES ('b', 99)")
            let count = try await older.count(of: notes)
            #expect(count == 3)
        }
    }

    @Test func `the older server lists records by a field that is nullable now as the newer one does`()
        async throws
    {
        let newer = try changed(FieldSchema("title", .string, isNullable: true, [.length(1...40), .indexed]))
        try await fixture.open([notes]) { older in
            try await fixture.open([newer]) { current in
                try await fixture.address.run(
                    """
                    INSERT INTO notes (title, slug)
                    SELECT CASE WHEN n % 2 = 0 THEN 't' || n % 4 END, n::text FROM generate_series(1, 9) AS n
                    """)
                for isDescending in [false, true] {
                    let expected = try await walk(current, newer, isDescending)
                    #expect(expected.count == 9)
                    // The older one hears of it, sooner or later.
                    let end = ContinuousClock.now + .seconds(60)
                    var found = try await walk(older, notes, isDescending)
                    while found != expected, .now < end { found = try await walk(older, notes, isDescending) }
                    #expect(found == expected)
                }
                // Reads of other kinds have it too, and a change takes it away.
                let record = try await older.rows(for: Query(notes, .key(.integer(1))), .test)
                #expect(record[0, 1].isNull)
                try await older.setTitle("new", of: .integer(1), in: notes)
            }
        }
    }

    /// The keys of all pages in the order of titles.
    private func walk(
        _ database: PostgresDatabase, _ schema: ResourceSchema, _ isDescending: Bool
    ) async throws -> [Int64] {
        let order = schema.totalOrder([SortTerm(1, isDescending: isDescending)])
        var (after, keys) = (RowBatch?.none, [Int64]())
        repeat {
            let list = Query.List(order: order, after: after, limit: 2)
            let rows = try await database.rows(for: Query(schema, .list(list)), .test)
            keys += (0..<rows.count).compactMap { rows[$0, 0].integer }
            after = rows.isEmpty ? nil : rows.place(ofRow: rows.count - 1, in: order)
        } while after != nil && keys.count < 100
        return keys
    }

    @Test func `an index that is new is nothing to the older server`() async throws {
        let newer = try changed(FieldSchema("place", .integer, isNullable: true, [.unique, .indexed]))
        try await beside([newer]) { older in
            let key = try await older.insert("a", into: notes)
            #expect(key == .integer(1))
        }
    }

    @Test func `a record that a new resource refers to is still referenced on the older server`() async throws {
        let tags = try ResourceSchema(
            "tags",
            [
                FieldSchema("id", .integer, [.key(.generated)]),
                FieldSchema("owner", .integer, isNullable: true, [.references("notes", onDelete: .restrict)]),
            ])
        try await beside([notes, tags], records: ["a", "b"]) { older in
            try await fixture.address.run("INSERT INTO tags (owner) VALUES (1)")
            let reason = try await refusal(older, Mutation(notes, .delete(.integer(1))))
            #expect(reason == .stillReferenced([Refusal.Referrer(resource: "tags", field: "owner")]))
            let free = try await refusal(older, Mutation(notes, .delete(.integer(2))))
            #expect(free == nil)
        }
    }

    @Test func `a reference that is new leads to a record on the older server too`() async throws {
        let newer = try changed(FieldSchema("place", .integer, isNullable: true, [.unique, .references("notes")]))
        try await beside([newer], records: ["a"]) { older in
            let missing = try await refusal(older, .setting("place", to: "99", of: .integer(1), in: notes))
            #expect(missing == .referenceMissing([3]))
            let present = try await refusal(older, .setting("place", to: "1", of: .integer(1), in: notes))
            #expect(present == nil)
        }
    }

    @Test func `a reference that restricts since then keeps its record on the older server too`() async throws {
        let newer = try changed(
            FieldSchema("parent", .integer, isNullable: true, [.references("notes", onDelete: .restrict)]))
        try await beside([newer], records: ["a", "b"]) { older in
            try await fixture.address.run("UPDATE notes SET parent = 1 WHERE id = 2")
            let reason = try await refusal(older, Mutation(notes, .delete(.integer(1))))
            #expect(reason == .stillReferenced([Refusal.Referrer(resource: "notes", field: "parent")]))
        }
    }

    @Test func `a column that was renamed is no error of the older server`() async throws {
        let heading = try FieldSchema("heading", .string, [.length(1...40), .indexed, .renamedFrom("title")])
        let fields = try Fixture.fields.get()
        let newer = try ResourceSchema("notes", [fields[0], heading] + fields[2...])
        try await beside([newer], records: ["a"]) { older in
            await isOutdated("title") { _ = try await older.insert("b", into: notes) }
            await isOutdated("title") { _ = try await older.count(of: notes) }
        }
    }

    @Test func `the older server starts again beside the newer one, and takes nothing back`() async throws {
        let newer = try ResourceSchema(
            "notes",
            Fixture.fields.get().map { field in
                switch field.name {
                case "title": try FieldSchema("title", .string, [.length(1...9), .unique])
                case "parent":
                    try FieldSchema("parent", .integer, isNullable: true, [.references("notes", onDelete: .restrict)])
                default: field
                }
            } + [FieldSchema("rank", .integer, [.default(7)])], unique: [["place", "parent"]])
        try await fixture.open([notes])
        try await fixture.open([newer]) { running in
            let first = try await running.insert("a", into: newer)
            try await fixture.open([notes]) { older in
                let count = try await older.count(of: notes)
                #expect(count == 1)
                let reason = try await refusal(older, .inserting("b", into: notes))
                #expect(reason == .uniqueTaken([1]))
            }
            let second = try await refusal(running, .inserting("b", into: newer))
            #expect(first == .integer(1) && second == .uniqueTaken([1]))
        }
        #expect(try await fixture.plan(newer).isNothing)
        // A migration that is asked for takes it back.
        let back = try await fixture.database().migrate(to: [notes], .destructive)
        #expect(back.changes.contains { $0.summary.contains("drops the index notes.title.unique") })
        try await fixture.open([notes])
        #expect(try await fixture.plan(notes).isNothing)
    }

    @Test func `the older server doesn't start again where it lacks something, and changes nothing`() async throws {
        let newer = try changed(FieldSchema("place", .integer, isNullable: true))
        try await fixture.open([notes])
        try await fixture.open([newer])
        let refusal = await fixture.refusal { try await fixture.open([notes]) }
        #expect(
            refusal.contains("makes the index notes.place.unique: migration 2 was made for later resources"),
            "\(refusal)")
        #expect(refusal.contains("`martlet migrate` goes back"))
        #expect(try await fixture.plan(newer).isNothing)
        _ = try await fixture.database().migrate(to: [notes], .lossless)
        try await fixture.open([notes])
    }

    @Test func `resources that were never there relax what they don't need`() async throws {
        try await fixture.open([notes])
        let relaxed = try changed(FieldSchema("place", .integer, isNullable: true))
        try await fixture.open([relaxed]) { database in
            try await fixture.address.run("INSERT INTO notes (title, slug, place) VALUES ('a', 'a', 1), ('b', 'b', 1)")
            let count = try await database.count(of: relaxed)
            #expect(count == 2)
        }
    }
}
