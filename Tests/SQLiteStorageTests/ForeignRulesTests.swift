import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// Triggers, indexes, references and virtual tables that another program has put beside the tables, and what it has done to
/// them while the server runs.
@Suite struct ForeignRulesTests {
    private let log = InMemoryLogHandler()

    /// Two notes, and then what another program does.
    private func open(
        _ sql: String, _ adjust: (inout SQLiteDatabase.Options) -> Void = { _ in },
        _ body: (Fixture, Connection) async throws -> Void
    ) async throws {
        try await Fixture.open(logger: Logger(label: "test") { _ in log }, adjust) { fixture in
            for slug in ["a", "b"] { try await fixture.insert(slug) }
            let other = try Connection(.writer(.normal), path: fixture.options.path)
            try other.execute(sql)
            try await body(fixture, other)
        }
    }

    private static func update(_ key: Int64) throws -> Mutation {
        var row = RowBatch(width: Note.resource.width)
        row.appendAbsentRow()
        row.set(row: 0, column: 3, to: .integer(7))
        return try Mutation(Note.resource, .update(.integer(key), ValidatedRow(row, Note.resource, for: .patch)))
    }

    private static func deletion(_ key: Int64) -> Mutation {
        Mutation(Note.resource, .delete(.integer(key)))
    }

    /// It is told in the words that a client of PostgreSQL gets.
    private func expectRejected(
        _ reason: String, _ mutation: Int = 0, _ commit: () async throws -> CommitResult
    ) async {
        do {
            let result = try await commit()
            #expect(result == .refused([Refusal(mutation: mutation, .rejected([], reason))]))
        } catch StorageError.rejected(let text) {
            // A trigger with RAISE(ROLLBACK) leaves no transaction whose mutation could be named.
            #expect(text == reason)
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test(arguments: ["IGNORE", "ABORT, 'house rule'", "FAIL, 'house rule'", "ROLLBACK, 'house rule'"])
    func `a trigger that objects refuses the write, and no other of its batch`(_ action: String) async throws {
        let sql = ["INSERT", "UPDATE", "DELETE"].map {
            "CREATE TRIGGER t\($0) BEFORE \($0) ON notes WHEN \($0 == "INSERT" ? "NEW.slug = 'c'" : "OLD.id = 1") "
                + "BEGIN SELECT RAISE(\(action)); END;"
        }.joined()
        try await open(sql) { fixture, _ in
            let before = try await fixture.notes()
            let reason =
                action == "IGNORE" ? "a trigger or a constraint keeps it from being done" : "a trigger refuses it"
            for mutation in try [Note.insertion("c"), Self.update(1), Self.deletion(1)] {
                await expectRejected(reason) { try await fixture.commit(mutation) }
                // The first one's changes go with the second.
                await expectRejected(reason, 1) { try await fixture.commit(Self.update(2), mutation) }
            }
            #expect(try await fixture.notes() == before)
            #expect(
                log.entries.contains {
                    let text = "\($0.metadata["reason", default: ""])"
                    return text.contains("house rule") || text.contains("had no effect")
                })
            // In one batch with such a one, others are done.
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { _ = try await fixture.insert("other \(number)") }
                    group.addTask {
                        await self.expectRejected(reason) { try await fixture.commit(Note.insertion("c")) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.notes().count == 22)
            guard case .committed = try await fixture.commit(Self.update(2)),
                case .committed = try await fixture.commit(Self.update(2)),
                case .committed = try await fixture.commit(Self.deletion(2))
            else { throw Fixture.Unexpected(what: "a refusal") }
            #expect(await fixture.database.health() == .ready)
        }
    }

    @Test(arguments: [false, true])
    func `of an array with a record that a trigger skips nothing stays, and nothing that the trigger has done`(
        _ hasKey: Bool
    ) async throws {
        let sql =
            "CREATE TABLE traces (slug); CREATE TRIGGER t BEFORE INSERT ON notes WHEN NEW.slug = 'skip' "
            + "BEGIN INSERT INTO traces VALUES (NEW.slug); SELECT RAISE(IGNORE); END;"
        try await open(sql) { fixture, other in
            let reason = Refusal.Reason.rejected([], "a trigger or a constraint keeps it from being done")
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { _ = try await fixture.insert("other \(number)") }
                    group.addTask {
                        let array = try ["one \(number)", "skip", "two \(number)"].map { try Note.insertion($0) }
                        let key = hasKey ? Idempotency(scope: "\(number)", fingerprint: 1) : nil
                        for _ in 0..<2 {
                            let transaction = Transaction(array, at: .epoch, idempotency: key)
                            let result = try await fixture.database.commit(transaction, .test)
                            #expect(result == .refused([Refusal(mutation: 1, reason)]))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await fixture.notes().count == 22)
            #expect(try other.integer("SELECT count(*) FROM traces") == 0)
        }
    }

    @Test(arguments: [
        "CREATE UNIQUE INDEX mine ON notes (lower(title))",
        "CREATE UNIQUE INDEX mine ON notes (title) WHERE id > 0",
        "CREATE TABLE mine (title TEXT UNIQUE); CREATE TRIGGER t AFTER INSERT ON notes BEGIN INSERT INTO mine VALUES ('x'); END; INSERT INTO mine VALUES ('x')",
    ])
    func `an index of others that refuses is no error of the server`(_ sql: String) async throws {
        try await open("DELETE FROM notes WHERE id = 2; \(sql)") { fixture, _ throws in
            await expectRejected("it breaks a unique index of the table") {
                try await fixture.commit(Note.insertion("c"))
            }
            #expect(try await fixture.slugs() == ["a"])
        }
    }

    @Test func `a check of others refuses a record, and every such one of an array is told`() async throws {
        try await open("ALTER TABLE notes ADD COLUMN mine TEXT CHECK (slug NOT LIKE 'no%')") { fixture, _ throws in
            let result = try await fixture.commit(
                Note.insertion("no 1"), Note.insertion("yes"), Note.insertion("no 2"))
            let reason = Refusal.Reason.rejected([], "it breaks a constraint of the table")
            #expect(result == .refused([Refusal(mutation: 0, reason), Refusal(mutation: 2, reason)]))
        }
    }

    @Test func `an index of others is asked with the collation of each of its columns`() async throws {
        let key = try FieldSchema("id", .integer, [.key(.generated)])
        let things = try ResourceSchema("things", [key] + ["a", "b", "c", "d"].map { try FieldSchema($0, .string) })
        func insertion(_ values: String...) throws -> Mutation {
            var row = RowBatch(width: things.width)
            row.appendAbsentRow()
            for (index, value) in values.enumerated() { row.set(row: 0, column: index + 1, to: value) }
            return try Mutation(things, .insert(ValidatedRow(row, things, for: .create)))
        }
        try await Fixture.open([things]) { fixture in
            let sql =
                "CREATE UNIQUE INDEX one ON things (a, b COLLATE NOCASE); "
                + "CREATE UNIQUE INDEX two ON things (c COLLATE RTRIM, d COLLATE NOCASE)"
            try Connection(.writer(.normal), path: fixture.options.path).execute(sql)
            for (values, taken) in [
                (["x", "y", "c", "d"], []), (["X", "Y", "c ", "D"], [3, 4]), (["x", "Y", "C", "d"], [1, 2]),
            ] {
                let result = try await fixture.commit(insertion(values[0], values[1], values[2], values[3]))
                if case .committed = result, taken.isEmpty { continue }
                #expect(result == .refused([Refusal(mutation: 0, .uniqueTaken(taken))]))
            }
        }
    }

    @Test(arguments: ["title", "title COLLATE NOCASE"])
    func `a value that is unique by others' index is told as taken`(_ columns: String) async throws {
        try await open("DELETE FROM notes WHERE id = 2; CREATE UNIQUE INDEX mine ON notes (\(columns))") {
            fixture, _ throws in
            let title = try #require(Note.resource.fields.firstIndex { $0.name == "title" })
            guard case .refused(let refusals) = try await fixture.commit(Note.insertion("c")) else {
                Issue.record("it is done")
                return
            }
            #expect(refusals == [Refusal(mutation: 0, .uniqueTaken([title]))])
        }
    }

    @Test(arguments: [
        ("DROP TABLE notes", "no such table"), ("ALTER TABLE notes RENAME TO others", "no such table"),
        ("ALTER TABLE notes RENAME COLUMN place TO spot", "place"),
    ])
    func `a table that is changed under the server is told, to clients, by health and in the log`(
        _ sql: String, _ reason: String
    ) async throws {
        try await open(sql) { fixture, _ in
            await #expect { try await fixture.notes() } throws: { isOutdated($0) }
            await #expect { try await fixture.insert("c") } throws: { isOutdated($0) }
            guard case .notReady(let text) = await fixture.database.health() else {
                Issue.record("it is ready")
                return
            }
            #expect(text.contains("another program has changed the tables") && text.contains(reason), "\(text)")
            #expect(log.entries.count { $0.message == "the database takes no writes" } == 1)
        }
    }

    @Test func `an index that is dropped shows without a write, and so does its return`() async throws {
        try await open("DROP INDEX \"notes.slug.unique\"", { $0.fileCheckPause = .milliseconds(5) }) { fixture, other in
            await eventually("not ready") { await fixture.database.health() != .ready }
            try other.execute("CREATE UNIQUE INDEX \"notes.slug.unique\" ON notes (slug COLLATE NOCASE)")
            await eventually("ready") { await fixture.database.health() == .ready }
            try other.execute("CREATE TABLE harmless (x); CREATE VIEW v AS SELECT * FROM harmless")
            try await fixture.insert("c")
            #expect(await fixture.database.health() == .ready)
        }
    }

    @Test func `virtual tables of others live beside a server and its migrations`() async throws {
        let sql = "CREATE VIRTUAL TABLE f USING fts5(text); CREATE VIRTUAL TABLE r USING rtree(a, b, c)"
        let folder = try TemporaryFolder()
        for round in 0..<2 {
            try await Fixture.open(in: folder) { fixture in
                if round == 0 { try Connection(.writer(.normal), path: fixture.options.path).execute(sql) }
                try await fixture.insert("\(round)")
            }
            for mode in [Migration.Mode.plan, .lossless] {
                let database = SQLiteDatabase(.init(path: folder.file("martlet.db")))
                #expect(try await database.migrate(to: [Note.resource], mode).steps.isEmpty)
            }
        }
    }

    @Test func `a lock of another process is told, and keeps the server from being ready after a while`() async throws {
        try await open("") { fixture, other in
            try other.execute("BEGIN IMMEDIATE")
            await eventually("not ready") {
                await #expect {
                    try await fixture.insert("c")
                } throws: {
                    $0 as? StorageError == .timedOut(waitingFor: "a lock that another transaction holds")
                }
                return await fixture.database.health() != .ready
            }
            other.rollBack()
            await eventually("ready") { await fixture.database.health() == .ready }
            try await fixture.insert("c")
        }
    }
}
