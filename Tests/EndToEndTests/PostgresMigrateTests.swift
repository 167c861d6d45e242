import Foundation
import MartletTesting
import Testing

/// `martlet migrate` on PostgreSQL.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct PostgresMigrateTests {
    let folder: TemporaryFolder
    let address: PostgresAddress

    init() async throws {
        folder = try TemporaryFolder()
        let url = try await PostgresDatabases.url(in: folder.path)
        address = PostgresAddress(url: url)
        try folder.write(
            """
            resources: { use: [declared], declared: { path: resources } }
            storage: { use: postgres, postgres: { url: "\(url)" } }
            transport: { use: http, http: { port: 0 } }
            """, to: "martlet.yaml")
    }

    private static let short = "fields:\n  id: { type: integer, key: generated }\n  title: { type: string }\n"
    private static let long = short + "  rank: { type: integer, default: 7, indexed: true }\n"
    private static let nothing = "nothing to do: the database fits its resources\n"

    private func declare(_ text: String) throws {
        try folder.write(text, to: "resources/notes.yaml")
    }

    private func migrate(_ arguments: String...) async throws -> Command {
        try await Command(["migrate", "--config", "martlet.yaml"] + arguments, in: folder)
    }

    @Test func `it plans, does, refuses, and says when there is nothing to do`() async throws {
        try declare(Self.long)
        let plan = try await migrate("--plan")
        #expect(plan.ending == .exited(0), "\(plan.errors)")
        #expect(plan.output.contains("-- notes: makes the table\nCREATE TABLE \"notes\" ("), "\(plan.output)")
        #expect(try await address.run("SELECT to_regclass('notes')") == "")
        #expect(try await migrate().output.hasSuffix("done: notes: makes the table\n"))
        #expect(try await migrate().output.hasSuffix(Self.nothing))
        try await address.run("INSERT INTO notes (title, rank) VALUES ('a', 1)")
        try declare(Self.short)
        for command in ["serve", "migrate"] {
            let refused = try await Command([command, "--config", "martlet.yaml"], in: folder)
            #expect(refused.ending == .exited(69))
            #expect(refused.errors.contains("would lose data: notes: drops the column rank with its values"))
        }
        #expect(try await address.run("SELECT rank FROM notes") == "1")
        let done = try await migrate("--allow-destructive")
        #expect(done.output.contains("done: notes: drops the column rank with its values"))
        #expect(try await migrate("--plan").output.hasSuffix(Self.nothing))
    }

    @Test func `check asks the database what only it can tell, and changes nothing`() async throws {
        func check() async throws -> Command {
            try await Command(["check", "--config", "martlet.yaml", "--database"], in: folder)
        }
        try declare(Self.long)
        let new = try await check()
        #expect(new.ending == .exited(0), "\(new.errors)")
        #expect(new.output.contains("database: a start can migrate it\n  would be done: notes: makes the table\n"))
        #expect(try await address.run("SELECT to_regclass('notes'), to_regclass('martlet_migrations')") == "|")
        _ = try await migrate()
        #expect(try await check().output.hasSuffix("database: fits the resources\n"))
        try declare(Self.short)
        let refused = try await check()
        #expect(refused.ending == .exited(69))
        #expect(refused.errors.contains("would lose data: notes: drops the column rank"), "\(refused.errors)")
        #expect(try await address.run("SELECT count(rank) FROM notes") == "0")
    }

    @Test func `a migration that is killed leaves the old database or the new one, and is done by the next`()
        async throws
    {
        var random = SplitMix64(seed: TestSeed.forRun(of: "a migration killed on PostgreSQL"))
        try declare(Self.short)
        _ = try await migrate()
        try await address.run("INSERT INTO notes (title) SELECT 'title ' || n FROM generate_series(1, 100000) AS n")
        var killed = 0
        for round in 0..<6 {
            try declare(round % 2 == 0 ? Self.long : Self.short)
            let process = try ChildProcess(
                Executable.martlet, ["migrate", "--config", "martlet.yaml", "--allow-destructive"], in: folder.path,
                log: folder.file("killed.log"))
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...300, using: &random)))
            process.send(SIGKILL)
            if try await process.ending(within: .seconds(30)) == .signalled(SIGKILL) { killed += 1 }
            let again = try await migrate("--allow-destructive")
            #expect(again.ending == .exited(0), "\(again.errors)")
            #expect(try await migrate("--plan").output.hasSuffix(Self.nothing))
            #expect(try await address.run("SELECT count(*), max(id) FROM notes") == "100000|100000")
            #expect(
                try await address.run("SELECT count(*) FROM pg_class WHERE relname = 'notes.rank.index'")
                    == (round % 2 == 0 ? "1" : "0"))
        }
        #expect(killed > 0)
    }
}
