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

    @Test(arguments: ["IGNORE", "ABORT, 'house rule'", "FAIL, 'house rule'", "ROLLBACK, 'house rule'"])
    func `a trigger that objects refuses the write, and no other of its batch`(_ action: String) async throws {
        let sql = ["INSERT", "UPDATE", "DELETE"].map {
            "CREATE TRIGGER t\($0) BEFORE \($0) ON notes WHEN \($0 == "INSERT" ? "NEW.slug = 'c'" : "OLD.id = 1") "
                + "BEGIN SELECT RAISE(\(action)); END;"
        }.joined()
        try await open(sql) { fixture, _ in
            let before = try await fixture.notes()
            for mutation in try [Note.insertion("c"), Self.update(1), Self.deletion(1)] {
                await #expect { try await fixture.commit(mutation) } throws: { error in
                    guard case .outdated(let text) = error as? StorageError else { return false }
                    return text.contains("house rule") || text.contains("had no effect")
                }
                // The first one's changes go with the second.
                await #expect { try await fixture.commit(Self.update(2), mutation) } throws: { isOutdated($0) }
            }
            #expect(try await fixture.notes() == before)
            // In one batch with such a one, others are done.
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask { _ = try await fixture.insert("other \(number)") }
                    group.addTask {
                        _ = await #expect { try await fixture.insert("c") } throws: { isOutdated($0) }
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

    @Test(arguments: [
        "CREATE UNIQUE INDEX mine ON notes (lower(title))",
        "CREATE UNIQUE INDEX mine ON notes (title) WHERE id > 0",
        "CREATE TABLE mine (title TEXT UNIQUE); CREATE TRIGGER t AFTER INSERT ON notes BEGIN INSERT INTO mine VALUES ('x'); END; INSERT INTO mine VALUES ('x')",
    ])
    func `an index of others that refuses is no error of the server`(_ sql: String) async throws {
        try await open("DELETE FROM notes WHERE id = 2; \(sql)") { fixture, _ throws in
            await #expect { try await fixture.insert("c") } throws: { isOutdated($0) }
            #expect(try await fixture.slugs() == ["a"])
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
