import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// Triggers of others that silently skip a change: it is refused, and nothing stays of its transaction, nor of what the trigger
/// has done instead, also where others' transactions share its commit.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct SkippedChangeTests {
    private let fixture: Fixture
    private let notes: ResourceSchema
    private let tags: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture(), try Fixture.notes())
        tags = try ResourceSchema(
            "tags", [FieldSchema("id", .string, [.key(.assigned), .length(1...9)]), FieldSchema("title", .string)])
    }

    /// - Parameter condition: of the records that the trigger skips.
    private func addTrigger(_ events: String, on table: String, when condition: String) async throws {
        try await fixture.address.run(
            """
            CREATE TABLE traces (event text);
            CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
                IF \(condition) THEN INSERT INTO public.traces VALUES (TG_OP); RETURN NULL; END IF;
                IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                RETURN NEW; END $f$;
            CREATE TRIGGER theirs BEFORE \(events) ON \(table) FOR EACH ROW EXECUTE FUNCTION theirs();
            """)
    }

    private static func refusal(_ mutation: Int, in table: String = "notes") -> CommitResult {
        let reason = "the trigger theirs of the table \(table) keeps it from being done"
        return .refused([Refusal(mutation: mutation, .rejected([], reason))])
    }

    /// Each twice, among others' writes, with idempotency keys and without.
    private func expectBesideOthers(
        _ expected: CommitResult, _ database: PostgresDatabase,
        _ mutations: @escaping @Sendable (Int) throws -> [Mutation]
    ) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask { [notes] in
                    let key = try await database.insert("other \(number)", into: notes)
                    #expect(key != nil)
                }
                group.addTask {
                    let key = number.isMultiple(of: 2) ? Idempotency(scope: "\(number)", fingerprint: 1) : nil
                    for _ in 0..<2 {
                        let transaction = Transaction(try mutations(number), at: .epoch, idempotency: key)
                        let result = try await database.commit(transaction, .test)
                        #expect(result == expected)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func traces() async throws -> String {
        try await fixture.address.run("SELECT count(*) FROM traces")
    }

    @Test func `of an array with a record that is skipped nothing is stored`() async throws {
        try await fixture.open([notes]) { [notes] database in
            try await addTrigger("INSERT", on: "notes", when: "NEW.slug LIKE 'skip%'")
            let array = { @Sendable (number: Int) in
                try ["one \(number)", "skip \(number)", "two \(number)"].map { try Mutation.inserting($0, into: notes) }
            }
            let alone = try await database.commit(Transaction(array(1), at: .epoch), .test)
            #expect(alone == Self.refusal(1))
            try await expectBesideOthers(Self.refusal(1), database, array)
            let slugs = try await fixture.address.run("SELECT count(*) FROM notes WHERE slug NOT LIKE 'other%'")
            #expect(slugs == "0")
            #expect(try await database.count(of: notes) == 20)
            #expect(try await traces() == "0")
        }
    }

    @Test func `of an array every record that is skipped is told`() async throws {
        try await fixture.open([notes]) { database in
            try await addTrigger("INSERT", on: "notes", when: "NEW.slug LIKE 'skip%'")
            let array = try ["skip 1", "one", "two", "skip 2", "three"].map { try Mutation.inserting($0, into: notes) }
            let result = try await database.commit(Transaction(array, at: .epoch), .test)
            let reason = Refusal.Reason.rejected([], "the trigger theirs of the table notes keeps it from being done")
            #expect(result == .refused([Refusal(mutation: 0, reason), Refusal(mutation: 3, reason)]))
        }
    }

    @Test(arguments: ["INSERT", "UPDATE", "DELETE"])
    func `what a trigger has done instead of a change is undone`(_ event: String) async throws {
        try await fixture.open([notes]) { [notes] database in
            let key = try #require(try await database.insert("first", into: notes))
            let old = event == "INSERT" ? "NEW" : "OLD"
            try await addTrigger(event, on: "notes", when: "\(old).slug LIKE 'first%'")
            try await expectBesideOthers(Self.refusal(0), database) { number in
                switch event {
                case "INSERT": [try .inserting("first \(number)", into: notes)]
                case "UPDATE": [try .setting("title", to: "another", of: key, in: notes)]
                default: [Mutation(notes, .delete(key))]
                }
            }
            #expect(try await traces() == "0")
            #expect(try await database.count(of: notes) == 21)
        }
    }

    @Test(arguments: [Precondition.none, .absent], ["INSERT", "UPDATE"])
    func `what a trigger has done instead of making or setting a record is undone`(
        _ precondition: Precondition, _ event: String
    ) async throws {
        try await fixture.open([notes, tags]) { [tags] database in
            let isThere = event == "UPDATE"
            if isThere { try await fixture.address.run("INSERT INTO tags (id, title) VALUES ('a', 'old')") }
            try await addTrigger(event, on: "tags", when: "NEW.id = 'a'")
            let expected: CommitResult =
                isThere && precondition == .absent
                ? .refused([Refusal(mutation: 0, .preconditionFailed)]) : Self.refusal(0, in: "tags")
            try await expectBesideOthers(expected, database) { _ in
                var rows = RowBatch(width: tags.width)
                rows.appendAbsentRow()
                rows.set(row: 0, column: 0, to: "a")
                rows.set(row: 0, column: 1, to: "new")
                let row = try ValidatedRow(rows, tags, for: .create)
                return [Mutation(tags, .upsert(.string("a"), row), if: precondition)]
            }
            #expect(try await traces() == "0")
            #expect(try await fixture.address.run("SELECT title FROM tags") == (isThere ? "old" : ""))
        }
    }

    @Test func `where a trigger skips nothing, changes of records that aren't there keep nobody's from being done`()
        async throws
    {
        try await fixture.open([notes]) { [notes] database in
            try await addTrigger("INSERT OR UPDATE OR DELETE", on: "notes", when: "false")
            try await expectBesideOthers(.refused([Refusal(mutation: 0, .notFound)]), database) { number in
                let key = Key.integer(9_000 + Int64(number))
                return number.isMultiple(of: 3)
                    ? [Mutation(notes, .delete(key))] : [try .setting("title", to: "another", of: key, in: notes)]
            }
            #expect(try await database.count(of: notes) == 20)
        }
    }

    @Test func `a deletion that is skipped once what refers to its record is gone is not told as done`() async throws {
        let key = try FieldSchema("id", .integer, [.key(.generated)])
        let parents = try ResourceSchema("parents", [key])
        let boxes = try ResourceSchema(
            "boxes", [key, FieldSchema("parent", .integer, [.references("parents", onDelete: .cascade)])])
        try await fixture.open([parents, boxes]) { database in
            // As if the cascade went too deep for the server: then the records are deleted one by one.
            try await fixture.address.run(
                """
                INSERT INTO parents DEFAULT VALUES; INSERT INTO boxes (parent) VALUES (1);
                CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
                    IF EXISTS (SELECT FROM public.boxes) THEN RAISE EXCEPTION 'deep' USING ERRCODE = '54001'; END IF;
                    RETURN NULL; END $f$;
                CREATE TRIGGER theirs BEFORE DELETE ON parents FOR EACH ROW EXECUTE FUNCTION theirs();
                """)
            let transaction = Transaction([Mutation(parents, .delete(.integer(1)))], at: .epoch)
            let result = try await database.commit(transaction, .test)
            #expect(result == Self.refusal(0, in: "parents"))
            #expect(try await database.count(of: boxes) == 1)
            try await fixture.address.run("DROP TRIGGER theirs ON parents")
            guard case .committed = try await database.commit(transaction, .test) else {
                Issue.record("it was not done")
                return
            }
            #expect(try await database.count(of: boxes) == 0)
        }
    }

    @Test(arguments: [
        "INSERT TO notes DO INSTEAD NOTHING", "INSERT TO notes DO INSTEAD INSERT INTO notes (slug) VALUES (NEW.slug)",
    ])
    func `a rule of others that does something else instead of an insert is told as a change of the table`(
        _ rule: String
    ) async throws {
        try await fixture.open([notes]) { database in
            try await fixture.address.run("CREATE RULE theirs AS ON \(rule)")
            await #expect {
                try await database.insert("a", into: notes)
            } throws: {
                if case StorageError.outdated = $0 { true } else { false }
            }
            try await fixture.address.run("DROP RULE theirs ON notes")
            #expect(try await database.insert("a", into: notes) != nil)
            #expect(try await database.count(of: notes) == 1)
        }
    }

    @Test func `what a rule does instead of a deletion is undone, also where others' writes share the commit`()
        async throws
    {
        try await fixture.open([notes]) { [notes] database in
            let key = try #require(try await database.insert("a", into: notes))
            try await fixture.address.run(
                "CREATE RULE theirs AS ON DELETE TO notes DO INSTEAD "
                    + "UPDATE notes SET title = 'theirs' WHERE id = OLD.id RETURNING notes.*")
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { _ = try await database.insert("other \(number)", into: notes) }
                    group.addTask {
                        let transaction = Transaction([Mutation(notes, .delete(key))], at: .epoch)
                        await #expect {
                            try await database.commit(transaction, .test)
                        } throws: {
                            if case StorageError.outdated = $0 { true } else { false }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.address.run("SELECT title FROM notes WHERE slug = 'a'") == "a title")
            #expect(try await database.count(of: notes) == 21)
        }
    }
}
