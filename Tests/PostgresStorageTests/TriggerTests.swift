import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// What triggers of others do to a write.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct TriggerTests {
    private let fixture: Fixture
    private let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture(), try Fixture.notes())
    }

    /// - Parameter body: of a function in PL/pgSQL.
    private func addTrigger(_ body: String, after: String = "BEFORE INSERT") async throws {
        try await fixture.address.run(
            """
            CREATE FUNCTION theirs() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN \(body) RETURN NEW; END $f$;
            CREATE TRIGGER theirs \(after) ON notes FOR EACH ROW EXECUTE FUNCTION theirs();
            """)
    }

    @Test func `a trigger refuses a record with whatever code it likes`() async throws {
        try await fixture.open([notes]) { database in
            try await addTrigger("RAISE EXCEPTION 'no' USING ERRCODE = NEW.slug;")
            for code in [
                "P0001", "P0002", "23514", "23502", "23505", "23503", "44000", "38000", "U0001", "ABC12", "54000",
            ] {
                let result = try await database.commit(Transaction([.inserting(code, into: notes)], at: .epoch), .test)
                let reason =
                    code == "54000" ? "it is too long for an index or a row of the table" : "a trigger refuses it"
                #expect(result == .refused([Refusal(mutation: 0, .rejected([], reason))]), "\(code)")
            }
            for code in ["22023", "22P02", "22003"] {
                let result = try await database.commit(Transaction([.inserting(code, into: notes)], at: .epoch), .test)
                let reason = "a trigger or the type of a column refuses it"
                #expect(result == .refused([Refusal(mutation: 0, .rejected([], reason))]), "\(code)")
            }
            for code in ["XX000", "58030", "0A000"] {
                await #expect(throws: StorageError.self) { try await database.insert(code, into: notes) }
            }
        }
    }

    @Test func `of several records, each that a trigger refuses is told`() async throws {
        try await fixture.open([notes]) { database in
            try await addTrigger("IF NEW.slug LIKE 'no%' THEN RAISE EXCEPTION 'no' USING ERRCODE = 'U0001'; END IF;")
            let result = try await database.commit(
                Transaction(["no 1", "yes", "no 2"].map { try .inserting($0, into: notes) }, at: .epoch), .test)
            let reason = Refusal.Reason.rejected([], "a trigger refuses it")
            #expect(result == .refused([Refusal(mutation: 0, reason), Refusal(mutation: 2, reason)]))
            let count = try await database.count(of: notes)
            #expect(count == 0)
        }
    }

    @Test(arguments: ["pg_catalog", "elsewhere"])
    func `a trigger that changes the search path leads no later statement elsewhere`(_ path: String) async throws {
        try await fixture.open([notes]) { database in
            try await fixture.address.run(
                """
                CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.notes (LIKE public.notes INCLUDING ALL);
                CREATE TABLE elsewhere.martlet_idempotency (LIKE public.martlet_idempotency INCLUDING ALL);
                CREATE SEQUENCE elsewhere.martlet_versions;
                """)
            try await addTrigger("SET search_path TO \(path);", after: "AFTER INSERT OR UPDATE OR DELETE")
            for number in 1...6 {
                let mutation = try Mutation.inserting("note \(number)", into: notes)
                let time = Timestamp.epoch
                let own = Idempotency(scope: "\(number)", fingerprint: 1)
                let result = try await database.commit(Transaction([mutation], at: time, idempotency: own), .test)
                guard case .committed = result else { throw StorageError.internal("\(result)") }
                let (first, second) = (Key.integer(Int64(number)), Key.integer(1))
                try await database.setTitle("title \(number)", of: first, in: notes)
                _ = try await database.commit(
                    Transaction(
                        [
                            .setting("title", to: "b \(number)", of: first, in: notes),
                            .setting("title", to: "c \(number)", of: second, in: notes),
                        ], at: .epoch), .test)
            }
            _ = try await database.commit(Transaction([Mutation(notes, .delete(.integer(2)))], at: .epoch), .test)
            let count = try await database.count(of: notes)
            #expect(count == 5)
            let theirs =
                "SELECT (SELECT count(*) FROM elsewhere.notes), (SELECT count(*) FROM elsewhere.martlet_idempotency)"
            #expect(try await fixture.address.run(theirs) == "0|0")
        }
    }
}
