import CSQLite
import Foundation
import MartletTesting
import Testing

/// `martlet migrate`, and starts that migrate.
@Suite struct MigrateTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(
            """
            resources: { use: [declared], declared: { path: resources } }
            storage: { use: sqlite, sqlite: { path: martlet.db } }
            transport: { use: http, http: { port: 0 } }
            """, to: "martlet.yaml")
    }

    private static let key = "  id: { type: integer, key: generated }\n"
    private static let short = "fields:\n\(key)  title: { type: string, length: 1..100 }\n"
    private static let long =
        "fields:\n\(key)  title: { type: string, length: 1..200 }\n  rank: { type: integer, default: 7 }\n"

    /// A folder's commands write one behind the other.
    private static let nothing = "\nnothing to do: the database fits its resources\n"

    private func declare(_ text: String) throws {
        try folder.write(text, to: "resources/notes.yaml")
    }

    private func migrate(_ arguments: String...) async throws -> Command {
        try await Command(["migrate", "--config", "martlet.yaml"] + arguments, in: folder)
    }

    @Test func `it plans, does, and says when there is nothing to do`() async throws {
        try declare(Self.short)
        let plan = try await migrate("--plan")
        #expect(plan.ending == .exited(0))
        #expect(plan.output.contains("-- notes: makes the table\nCREATE TABLE \"notes\" ("), "\(plan.output)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("martlet.db")))
        let first = try await migrate()
        #expect(first.ending == .exited(0))
        #expect(first.output.hasSuffix("\ndone: notes: makes the table\n"), "\(first.output)")
        for arguments in [[], ["--plan"], ["--allow-destructive"]] {
            let nothing = try await Command(["migrate", "--config", "martlet.yaml"] + arguments, in: folder)
            #expect(nothing.ending == .exited(0))
            #expect(nothing.output.hasSuffix(Self.nothing))
        }
    }

    @Test func `check asks the database, and makes none`() async throws {
        func check() async throws -> Command {
            try await Command(["check", "--config", "martlet.yaml", "--database"], in: folder)
        }
        try declare(Self.short)
        let new = try await check()
        #expect(new.ending == .exited(0), "\(new.errors)")
        #expect(new.output.contains("database: a start can migrate it\n  would be done: notes: makes the table\n"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("martlet.db")))
        _ = try await migrate()
        #expect(try await check().output.hasSuffix("database: fits the resources\n"))
        try declare("fields:\n\(Self.key)  label: { type: string, default: none }\n")
        let refused = try await check()
        #expect(refused.ending == .exited(69))
        #expect(refused.errors.contains("`renamedFrom: title` in that field keeps its values"), "\(refused.errors)")
    }

    @Test func `what would lose data is refused by a start too, and done when that is allowed`() async throws {
        try declare(Self.short)
        _ = try await migrate()
        try run("INSERT INTO notes (title) VALUES ('a')")
        try declare("fields:\n\(Self.key)  label: { type: string, default: none }\n")
        for command in ["serve", "migrate"] {
            let refused = try await Command([command, "--config", "martlet.yaml"], in: folder)
            #expect(refused.ending == .exited(69))
            for part in [
                "would lose data: notes: drops the column title with its values", "`martlet migrate --plan`",
                "`martlet migrate --allow-destructive`",
            ] {
                #expect(refused.errors.contains(part), "\(command): \(part) in \(refused.errors)")
            }
        }
        #expect(try text("SELECT title FROM notes") == "a")
        let plan = try await migrate("--plan")
        #expect(plan.output.contains("-- notes: drops the column title with its values (LOSES DATA)"))
        #expect(try text("SELECT title FROM notes") == "a")
        let done = try await migrate("--allow-destructive")
        #expect(done.ending == .exited(0))
        #expect(done.output.contains("done: notes: drops the column title with its values"))
        #expect(try text("SELECT label FROM notes") == "none")
    }

    @Test func `64: a plan that is to be done`() async throws {
        try declare(Self.short)
        let command = try await migrate("--plan", "--allow-destructive")
        #expect(command.ending == .exited(64))
        #expect(command.errors.contains("--plan only tells"), "\(command.errors)")
    }

    @Test func `69: beside a server, which a plan may be asked of`() async throws {
        let server = try await LiveServer(configuration: .sqlite)
        let path = server.folder.file("martlet.db")
        let settings = ["--set", "storage.sqlite.path=\(path)", "--set", "resources.use=users"]
        let refused = try await Command(["migrate"] + settings, in: folder)
        #expect(refused.ending == .exited(69))
        #expect(refused.errors.contains("in use by another server"), "\(refused.errors)")
        let plan = try await Command(["migrate", "--plan"] + settings, in: folder)
        #expect(plan.ending == .exited(0))
        #expect("\n\(plan.output)".hasSuffix(Self.nothing))
    }

    @Test func `a migration that is killed leaves the old database or the new one, and is done by the next`()
        async throws
    {
        let seed = TestSeed.forRun(of: "a migration killed")
        var random = SplitMix64(seed: seed)
        try declare(Self.short)
        _ = try await migrate()
        try run(
            """
            WITH RECURSIVE numbers (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
            INSERT INTO notes (title) SELECT 'title ' || n FROM numbers; DELETE FROM notes WHERE id = 100000
            """)
        let titles = try text("SELECT count(*) || ' ' || sum(length(title)) FROM notes")
        var killed = 0
        for round in 0..<6 {
            try declare(round % 2 == 0 ? Self.long : Self.short.replacingOccurrences(of: "100", with: "15") + Self.rank)
            // timeout(1) kills it in time also when this process has to wait for a thread.
            let time = "0.\(100 + Int.random(in: 0...40, using: &random) + round * 60)"
            let process = try ChildProcess(
                "/usr/bin/timeout",
                ["--foreground", "-s", "KILL", time, Executable.martlet, "migrate", "--config", "martlet.yaml"],
                in: folder.path,
                log: folder.file("killed.log"))
            let ending = try await process.ending(within: .seconds(60))
            if ending == .signalled(SIGKILL) || ending == .exited(128 + SIGKILL) { killed += 1 }
            #expect(try integrity(of: folder.file("martlet.db")) == "ok")
            #expect(try text("SELECT count(*) || ' ' || sum(length(title)) FROM notes") == titles)
            #expect(try text("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'martlet_new%'") == "0")
            let again = try await migrate()
            #expect(again.ending == .exited(0), "\(again.errors)")
            let plan = try await migrate("--plan")
            #expect(plan.output.hasSuffix(Self.nothing), "\(plan.output)")
            #expect(try text("SELECT count(*) || ' ' || sum(length(title)) FROM notes") == titles)
            #expect(try text("SELECT count(DISTINCT rank) || max(rank) FROM notes") == "17")
            #expect(try text("SELECT seq FROM sqlite_sequence WHERE name = 'notes'") == "100000")
        }
        #expect(killed > 0)
    }

    private static let rank = "  rank: { type: integer, default: 7 }\n"

    // MARK: - The file, without a server

    private func run(_ sql: String) throws {
        _ = try text(sql)
    }

    /// The first column of the last row.
    private func text(_ sql: String) throws -> String {
        var connection: OpaquePointer?
        defer { sqlite3_close(connection) }
        try #require(sqlite3_open_v2(folder.file("martlet.db"), &connection, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK)
        var found = ""
        try withUnsafeMutablePointer(to: &found) { found in
            let code = sqlite3_exec(
                connection, sql,
                { context, _, values, _ in
                    let value = values?[0].map { String(cString: $0) } ?? ""
                    context?.assumingMemoryBound(to: String.self).pointee = value
                    return 0
                }, found, nil)
            try #require(code == SQLITE_OK, "\(String(cString: sqlite3_errmsg(connection)))")
        }
        return found
    }
}
