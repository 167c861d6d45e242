import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// What other programs have written to the database: values, keys, sequences.
@Suite struct ForeignHandsTests {
    private let log = InMemoryLogHandler()

    private func open(_ sql: String, _ body: (Fixture) async throws -> Void) async throws {
        try await Fixture.open(logger: Logger(label: "test") { _ in log }) { fixture in
            for slug in ["a", "b", "c"] { try await fixture.insert(slug) }
            try Connection(.writer(.normal), path: fixture.options.path).execute(sql)
            try await body(fixture)
        }
    }

    @Test(arguments: [
        "DELETE FROM sqlite_sequence", "UPDATE sqlite_sequence SET seq = 1", "UPDATE sqlite_sequence SET seq = 'x'",
    ])
    func `no key is given twice after another program has lowered the sequence`(_ sql: String) async throws {
        try await open("") { fixture in
            _ = try await fixture.commit(Mutation(Note.resource, .delete(.integer(3))))
            try Connection(.writer(.normal), path: fixture.options.path).execute(sql)
            let (fourth, fifth) = (try await fixture.insert("d"), try await fixture.insert("e"))
            #expect(fourth.id == 4 && fifth.id == 5)
            #expect(try fixture.outside().integer("SELECT seq FROM sqlite_sequence") == 5)
        }
    }

    @Test func `records that were added by hand are passed by`() async throws {
        try await open("INSERT INTO notes (id, title, slug) VALUES (50, 'by hand', 'x')") { fixture in
            let next = try await fixture.insert("d")
            #expect(next.id == 51)
        }
    }

    @Test func `after the highest key no key is left in that table, and others are written to`() async throws {
        let sql = "INSERT INTO notes (id, title, slug) VALUES (9223372036854775807, 'by hand', 'x')"
        try await open(sql) { fixture in
            for _ in 0..<2 {
                await #expect(throws: StorageError.noKeysLeft("notes")) { try await fixture.insert("d") }
            }
            #expect(await fixture.database.health() == .ready)
            #expect(
                log.entries.contains { $0.message == "a table has given its highest key: no record can be added to it" }
            )
            guard case .committed = try await fixture.commit(Mutation(Note.resource, .delete(.integer(1)))) else {
                throw Fixture.Unexpected(what: "a refusal")
            }
        }
    }

    @Test func `a sequence of versions that has none left refuses changes`() async throws {
        try await Fixture.open { fixture in
            try Connection(.writer(.normal), path: fixture.options.path)
                .execute("UPDATE martlet_versions SET reserved = 9223372036854775807")
            let second = SQLiteDatabase(fixture.options)
            await fixture.database.close()
            try await second.prepare([Note.resource])
            await #expect { try await second.commit(Transaction([Note.insertion("a")], at: .epoch), .test) } throws: {
                isInternal($0)
            }
            await second.close()
        }
    }

    @Test(arguments: [
        ("CAST(x'ff' AS TEXT)", "title", "UTF-8"), ("CAST(x'61c3' AS TEXT)", "title", "UTF-8"),
        ("x'00'", "slug", "a blob"),
        ("'text'", "place", "a text"),
    ])
    func `a value that its field can't have is an error that names it`(
        _ value: String, _ column: String, _ reason: String
    ) async throws {
        // As if the table hadn't been STRICT when it was written.
        let sql = """
            CREATE TABLE loose (id INTEGER PRIMARY KEY AUTOINCREMENT, title, slug, place, _version);
            INSERT INTO loose SELECT * FROM notes; DROP TABLE notes; ALTER TABLE loose RENAME TO notes;
            UPDATE notes SET \(column) = \(value) WHERE id = 2
            """
        try await open(sql) { fixture in
            func read(_ selection: Query.Selection) async throws {
                _ = try await fixture.database.rows(for: Query(Note.resource, selection), .test)
            }
            for selection in [Query.Selection.key(.integer(2)), .page(after: nil, limit: 10)] {
                await #expect { try await read(selection) } throws: { error in
                    guard case .internal(let text) = error as? StorageError else { return false }
                    return text.contains("the table notes") && text.contains("the column \(column)")
                        && text.contains(reason) && text.contains("in the record with the key 2: another program")
                }
            }
            try await read(.key(.integer(1)))
        }
    }

    @Test func `what isn't JSON, and numbers that JSON hasn't, are never answered`() async throws {
        let resource = try ResourceSchema(
            "papers",
            [
                FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("body", .json, isNullable: true),
                FieldSchema("weight", .number, isNullable: true),
            ])
        try await Fixture.open([resource]) { fixture in
            try Connection(.writer(.normal), path: fixture.options.path).execute(
                """
                INSERT INTO papers (body) VALUES ('{"a":[1,null,"é"]}'), ('nope'), ('{"a":1'), ('1 2'), ('');
                INSERT INTO papers (weight) VALUES (9e999), (-9e999)
                """)
            func read(_ key: Int64) async throws -> Int {
                try await fixture.database.rows(for: Query(resource, .key(.integer(key))), .test).count
            }
            #expect(try await read(1) == 1)
            for key in 2...7 as ClosedRange<Int64> {
                await #expect { _ = try await read(key) } throws: { isInternal($0) }
            }
        }
    }

    @Test func `a write-ahead log that another program keeps from being emptied is told, again when it has doubled`()
        async throws
    {
        let papers = try ResourceSchema(
            "papers", [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("text", .string)])
        var rows = RowBatch(width: papers.width)
        rows.appendAbsentRow()
        rows.set(row: 0, column: 1, to: String(repeating: "x", count: 1 << 20))
        let insertion = Mutation(papers, .insert(try ValidatedRow(rows, papers, for: .create)))
        try await Fixture.open([papers], logger: Logger(label: "test") { _ in log }) {
            $0.largeLog = 10 << 20
        } _: { fixture in
            /// Writes some, and returns the sizes that were told.
            func told(after megabytes: Int) async throws -> [Int] {
                let before = log.entries.count
                for _ in 0..<megabytes { _ = try await fixture.commit(insertion) }
                return log.entries.dropFirst(before).filter { $0.level == .warning }.compactMap { entry in
                    #expect(entry.message.description.hasPrefix("the write-ahead log grows: another program reads"))
                    return entry.metadata["megabytes"].flatMap { Int($0.description) }
                }
            }
            #expect(try await told(after: 15) == [])
            let reader = try fixture.outside()
            try reader.execute("BEGIN; SELECT count(*) FROM papers")
            let sizes = try await told(after: 32)
            #expect(sizes.count == 2 && sizes[0] >= 10 && sizes[1] >= 2 * sizes[0], "\(sizes)")
            try reader.execute("END")
            #expect(try await told(after: 15) == [])
        }
    }
}
