import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// Tables and columns that others remove under a running server.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct MissingTableTests {
    private let fixture: Fixture
    private let notes: ResourceSchema
    private let log = InMemoryLogHandler()

    init() async throws {
        fixture = try await Fixture()
        notes = try Fixture.notes()
    }

    private func waitForHealth(_ database: PostgresDatabase, _ isExpected: (Health) -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(120)
        while true {
            let health = await database.health()
            if isExpected(health) { return }
            try #require(.now < end, "\(health)")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// - Parameter name: what has to be told.
    private func waitForLack(of name: String, _ database: PostgresDatabase) async throws {
        try await waitForHealth(database) { health in
            guard case .notReady(let reason) = health else { return false }
            return reason.contains("another program has changed the tables: the database lacks ")
                && reason.contains(name) && reason.hasSuffix(": undo that, or restart the server")
        }
        #expect(messages == ["another program has changed the tables"])
        #expect(entries.first?.metadata["reason"]?.description.contains(name) == true)
    }

    /// Without those of lost connections.
    private var entries: [InMemoryLogHandler.Entry] {
        log.entries.filter { $0.level >= .notice && $0.message.description.contains("tables") }
    }

    private var messages: [String] { entries.map(\.message.description) }

    private func commit(_ database: PostgresDatabase) async throws -> CommitResult {
        let idempotency = Idempotency(scope: "a", fingerprint: 1)
        let insertion = try Mutation.inserting("a", into: notes)
        return try await database.commit(Transaction([insertion], at: .epoch, idempotency: idempotency), .test)
    }

    @Test(arguments: [
        ("TABLE notes RENAME TO gone", "TABLE gone RENAME TO notes", "notes"),
        ("TABLE notes RENAME title TO gone", "TABLE notes RENAME gone TO title", "notes.title"),
        (
            "TABLE martlet_idempotency RENAME TO gone", "TABLE gone RENAME TO martlet_idempotency",
            "martlet_idempotency"
        ),
        ("TABLE notes SET SCHEMA other", "TABLE other.notes SET SCHEMA public", "notes"),
    ])
    func `a server isn't ready while a table or a column is missing, and is so once it is back`(
        _ change: String, _ undo: String, _ name: String
    ) async throws {
        try await fixture.address.run("CREATE SCHEMA other")
        try await fixture.open([notes], log: log) { database in
            #expect(await database.health() == .ready)
            try await fixture.address.run("ALTER \(change)")
            await #expect(throws: StorageError.self) { try await commit(database) }
            try await waitForLack(of: name, database)
            try await fixture.address.run("ALTER \(undo)")
            // Nobody asks for anything.
            try await waitForHealth(database) { $0 == .ready }
            guard case .committed = try await commit(database) else {
                Issue.record("it was not done")
                return
            }
        }
        #expect(messages == ["another program has changed the tables", "the tables are complete again"])
    }

    @Test func `a server isn't ready once its database was dropped and made anew, and a restart mends that`()
        async throws
    {
        let name = try await fixture.address.run("SELECT current_database()")
        let others = fixture.with("dbname", "postgres").address
        try await fixture.open([notes], log: log) { database in
            _ = try await database.insert("a", into: notes)
            try await others.run("DROP DATABASE \"\(name)\" WITH (FORCE)")
            try await waitForHealth(database) { $0 != .ready }
            try await others.run("CREATE DATABASE \"\(name)\" TEMPLATE template0 ENCODING 'UTF8'")
            for lost in ["notes", "martlet_versions", "martlet_idempotency"] {
                try await waitForLack(of: lost, database)
            }
            // Another server's start makes them.
            try await fixture.open([notes])
            try await waitForHealth(database) { $0 == .ready }
            #expect(try await database.count(of: notes) == 0)
        }
    }
}
