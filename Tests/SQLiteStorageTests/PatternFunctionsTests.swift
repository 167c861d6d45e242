import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// `LIKE` and `GLOB`, which take long for a long text.
@Suite struct PatternFunctionsTests {
    private let event = Event(resource: Event.resources[0])
    /// It begins to match everywhere in a text of this letter.
    private static let slowPattern = "*" + String(repeating: "a", count: 98) + "b"

    /// On a connection that has them.
    private func withFunctions(until deadline: ContinuousClock.Instant, _ body: (Connection) throws -> Void) throws {
        let connection = try Connection.inMemory()
        let end = UnsafeMutablePointer<ReadDeadline>.allocate(capacity: 1)
        end.initialize(to: ReadDeadline(end: deadline, cancellation: ReadCancellation()))
        defer {
            end.deinitialize(count: 1)
            end.deallocate()
        }
        let functions = try PatternFunctions(on: connection, until: end)
        defer { connection.close() }
        try withExtendedLifetime(functions) { try body(connection) }
    }

    @Test func `they match as SQLite's own do`() throws {
        let own = try Connection.inMemory()
        let alphabet = ["a", "A", "é", "É", "*", "?", "[", "]", "%", "_", "\\", "^", "", "\u{10FFFF}"]
        var random = SplitMix64(seed: TestSeed.forRun(of: "patterns"))
        func text(_ length: Int) -> String {
            (0..<length).map { _ in alphabet.randomElement(using: &random) ?? "" }.joined()
        }
        try withFunctions(until: .now + .seconds(600)) { connection throws in
            for _ in 0..<2000 {
                let (pattern, value) = (text(5), text(4))
                for sql in ["'\(value)' GLOB '\(pattern)'", "'\(value)' LIKE '\(pattern)' ESCAPE '\\'"] {
                    let matches = try (connection.integer("SELECT \(sql)"), own.integer("SELECT \(sql)"))
                    #expect(matches.0 == matches.1, "\(sql)")
                }
            }
            for sql in ["NULL GLOB 'a'", "'a' GLOB NULL", "NULL LIKE 'a' ESCAPE '\\'"] {
                let isNull = try connection.integer("SELECT (\(sql)) IS NULL")
                #expect(isNull == 1, "\(sql)")
            }
        }
    }

    @Test func `a read ends between two of them at its deadline`() throws {
        let short = "'\(String(repeating: "a", count: 40))' GLOB '\(Self.slowPattern)'"
        let long = "printf('%.*c', 200000, 'a') GLOB '\(Self.slowPattern)'"
        for isLate in [false, true] {
            try withFunctions(until: isLate ? .now : .now + .seconds(600)) { connection throws in
                let matchesShort = try connection.integer("SELECT \(short)")
                #expect(matchesShort == 0)
                let result = Result { () throws(SQLiteError) in try connection.integer("SELECT \(long)") }
                switch result {
                case .success(let matches): #expect(matches == 0 && !isLate)
                case .failure(let error): #expect(error.isInterruption && isLate)
                }
            }
        }
    }

    private func insertEvents(_ fixture: Fixture, noteLength: Int) async throws {
        try await fixture.insertEvents(0..<2, event)
        var rows = RowBatch(width: event.resource.width)
        rows.appendAbsentRow()
        rows.set(row: 0, column: event.column("note"), to: String(repeating: "a", count: noteLength))
        let row = try ValidatedRow(rows, event.resource, for: .patch)
        _ = try await fixture.commit(Mutation(event.resource, .update(.integer(1), row)))
    }

    private func slowList() throws -> Query.List {
        let term = try event.list([("note", .like, Self.slowPattern)]).filter.clauses[0][0]
        let email = try event.list([("email", .equal, "Person0@x.org")]).filter.clauses[0]
        return Query.List(Filter([email, Array(repeating: term, count: 49)]), order: [SortTerm(0)], limit: 1)
    }

    @Test func `a list of many patterns for a long text ends at its deadline`() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder, [event.resource]) { try await insertEvents($0, noteLength: 1_000_000) }
        try await Fixture.open(in: folder, [event.resource]) {
            $0.timeout = .milliseconds(300)
        } _: { fixture in
            let list = try slowList()
            await #expect(throws: StorageError.deadlineExceeded) {
                try await fixture.database.rows(for: Query(event.resource, .list(list)), .test)
            }
        }
    }

    @Test func `such a list is interrupted when the database is closed`() async throws {
        let log = InMemoryLogHandler()
        try await Fixture.open([event.resource], logger: Logger(label: "test") { _ in log }) {
            $0.closeTimeout = .seconds(15)
        } _: { fixture in
            try await insertEvents(fixture, noteLength: 1_000_000)
            let query = Query(event.resource, .list(try slowList()))
            Task { try await fixture.database.rows(for: query, .test) }
            // It has begun by then, or is refused.
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(log.entries.filter { $0.level == .error }.isEmpty)
    }
}
