import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// Transactions that need the same locks in different orders: all are done, or refused for what the first of them did.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct DeadlockTests {
    private let fixture: Fixture
    private let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture(), try Fixture.notes())
    }

    private func title(_ text: String, of key: Int64) throws -> Mutation {
        try .setting("title", to: text, of: .integer(key), in: notes)
    }

    @Test func `batches that change the same records in any order are all done`() async throws {
        try await fixture.open([notes]) { first in
            try await fixture.fill(4)
            try await fixture.open([notes]) { second in
                let failures = await withTaskGroup(of: [String].self) { group in
                    for client in 0..<8 {
                        group.addTask {
                            var failures: [String] = []
                            for round in 0..<12 {
                                let keys: [Int64] = client.isMultiple(of: 2) ? [1, 2, 3, 4] : [4, 3, 2, 1]
                                do {
                                    let mutations = try keys.map { try title("\(client) \(round)", of: $0) }
                                    let database = client < 4 ? first : second
                                    let result = try await database.commit(Transaction(mutations, at: .epoch), .test)
                                    if case .committed = result { continue }
                                    failures.append("\(result)")
                                } catch {
                                    failures.append("\(error)")
                                }
                            }
                            return failures
                        }
                    }
                    return await group.reduce(into: []) { $0 += $1 }
                }
                #expect(failures == [])
            }
        }
    }

    @Test func `of two that insert the same values in opposite orders one is done, and the other hears of it`()
        async throws
    {
        try await fixture.open([notes]) { database in
            try await fixture.fill(2)
            try await fixture.address.run(
                """
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
                    $f$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $f$;
                CREATE TRIGGER slow BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION slow();
                """)
            let one = Transaction(
                [try title("one", of: 1), try .inserting("a", into: notes), try .inserting("b", into: notes)],
                at: .epoch)
            let two = Transaction(
                [try title("two", of: 2), try .inserting("b", into: notes), try .inserting("a", into: notes)],
                at: .epoch)
            async let first = database.commit(one, .test)
            async let second = database.commit(two, .test)
            let results = [try await first, try await second]
            let taken = CommitResult.refused([
                Refusal(mutation: 1, .uniqueTaken([2])), Refusal(mutation: 2, .uniqueTaken([2])),
            ])
            #expect(results.count { $0 == taken } == 1, "\(results)")
            #expect(results.count { if case .committed = $0 { true } else { false } } == 1)
        }
    }

    @Test func `a transaction that the server ends for a deadlock is repeated until it goes`() async throws {
        try await fixture.open([notes]) { database in
            try await fixture.address.run(
                """
                CREATE SEQUENCE attempts;
                CREATE FUNCTION ended() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
                    IF nextval('public.attempts') <= 20 THEN RAISE EXCEPTION 'no' USING ERRCODE = '40P01'; END IF;
                    RETURN NEW; END $f$;
                CREATE TRIGGER ended BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION ended();
                """)
            let key = try await database.insert("a", into: notes)
            #expect(key != nil)
        }
    }
}
