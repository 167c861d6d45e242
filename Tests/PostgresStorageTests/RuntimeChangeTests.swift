import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// What others change in a table while it is served: never a wrong value, and an error that says where.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct RuntimeChangeTests {
    private let fixture: Fixture
    private let events: ResourceSchema

    init() async throws {
        fixture = try await Fixture()
        events = try ResourceSchema(
            "events",
            [
                FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("place", .integer, [.indexed]),
                FieldSchema("at", .timestamp), FieldSchema("weight", .number), FieldSchema("isOpen", .boolean),
                FieldSchema("day", .date), FieldSchema("more", .json),
            ])
    }

    @Test(arguments: ["INSERT", "UPDATE", "DELETE"])
    func `a change that a trigger silently skips is refused, and names the trigger`(_ event: String) async throws {
        let notes = try Fixture.notes()
        try await fixture.open([notes]) { database in
            let key = try #require(try await database.insert("a", into: notes))
            let mutation =
                switch event {
                case "INSERT": try Mutation.inserting("b", into: notes)
                case "UPDATE": try Mutation.setting("title", to: "another", of: key, in: notes)
                default: Mutation(notes, .delete(key))
                }
            try await fixture.address.run(
                """
                CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER "no changes" BEFORE \(event) ON notes FOR EACH ROW EXECUTE FUNCTION skip()
                """)
            let transaction = Transaction([mutation], at: .epoch)
            let reason = "the trigger no changes of the table notes keeps it from being done"
            let result = try await database.commit(transaction, .test)
            #expect(result == .refused([Refusal(mutation: 0, .rejected([], reason))]))
            try await fixture.address.run("DROP TRIGGER \"no changes\" ON notes")
            guard case .committed = try await database.commit(transaction, .test) else {
                Issue.record("it was not done")
                return
            }
        }
    }

    @Test(arguments: [
        ("ALTER TABLE events ALTER place TYPE text USING 'many'", "place"),
        (
            "ALTER TABLE events DROP CONSTRAINT IF EXISTS _check_at; ALTER TABLE events ALTER at TYPE text USING 'today'",
            "at"
        ),
        ("ALTER TABLE events ALTER is_open TYPE int USING 7", "is_open"),
        ("ALTER TABLE events ALTER day TYPE timestamptz USING now()", "day"),
        (
            "ALTER TABLE events DROP CONSTRAINT IF EXISTS _check_weight; ALTER TABLE events ALTER weight TYPE numeric USING 'NaN'::numeric",
            "weight"
        ),
        ("ALTER TABLE events ALTER more TYPE jsonb USING '1'::jsonb", "more"),
        ("ALTER TABLE events DROP COLUMN place", "place"),
    ])
    func `a column that no field can read is an error that names it`(_ sql: String, _ column: String) async throws {
        try await fixture.open([events]) { database in
            for selection in try await selectionsOfOneRecord() {
                let count = try await database.rows(for: Query(events, selection), .test).count
                #expect(count == 1)
            }
            try await fixture.address.run(sql)
            for selection in selections {
                let error = await #expect(throws: StorageError.self) {
                    try await database.rows(for: Query(events, selection), .test)
                }
                guard case .outdated(let text) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(text.contains("events") && text.contains(column), "\(text)")
            }
        }
    }

    private var selections: [Query.Selection] {
        [
            .key(.integer(1)), .page(after: nil, limit: 5),
            .list(Query.List(order: events.totalOrder([SortTerm(2)]), limit: 5)),
        ]
    }

    private func selectionsOfOneRecord() async throws -> [Query.Selection] {
        try await fixture.address.run(
            "INSERT INTO events (place, at, weight, is_open, day, more) VALUES (1, now(), 1, true, now(), '1')")
        return selections
    }

    @Test(arguments: [
        ("UPDATE events SET more = '{oops'", "more", "a text that isn't JSON"),
        ("UPDATE events SET more = ''", "more", "a text that isn't JSON"),
        ("ALTER TABLE events DROP CONSTRAINT _check_at; UPDATE events SET at = 'infinity'", "at", "a value"),
        ("ALTER TABLE events DROP CONSTRAINT _check_at; UPDATE events SET at = '20000-01-01'", "at", "a value"),
        ("ALTER TABLE events DROP CONSTRAINT _check_day; UPDATE events SET day = '-infinity'", "day", "a value"),
        ("ALTER TABLE events DROP CONSTRAINT _check_weight; UPDATE events SET weight = 'NaN'", "weight", "a value"),
    ])
    func `a value that no field can have is an error that names it and its record`(
        _ sql: String, _ column: String, _ what: String
    ) async throws {
        try await fixture.open([events]) { database in
            let selections = try await selectionsOfOneRecord()
            try await fixture.address.run(sql)
            let expected = StorageError.internal(
                "the table events: the column \(column) holds \(what), which its field can't have, in the record with the key 1: "
                    + "another program has written it (XX001)")
            for selection in selections {
                await #expect(throws: expected) { try await database.rows(for: Query(events, selection), .test) }
            }
            let deletion = Transaction([Mutation(events, .delete(.integer(1)))], at: .epoch)
            await #expect {
                try await database.commit(deletion, .test)
            } throws: { error in
                guard case .internal(let text) = error as? StorageError else { return false }
                return text.contains("the table events: the column \(column) holds \(what)")
            }
        }
    }
}
