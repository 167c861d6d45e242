import Foundation
import MartletTesting
import Testing

@Suite struct ExitStatusTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: [["serve", "--nope"], ["nope"], ["serve", "--set"], ["check", "extra"]])
    func `64: a command line that isn't one`(_ arguments: [String]) async throws {
        let command = try await run(arguments)
        #expect(command.ending == .exited(64))
        #expect(command.errors.contains("Usage:"), "\(command.errors)")
    }

    @Test(arguments: ["check", "serve"])
    func `78: every mistake of a configuration file, with its place and what was meant`(_ name: String) async throws {
        try folder.write("storage:\n  sqlite:\n    pth: x.db\ntransport:\n  http:\n    port: many\n", to: "bad.yaml")
        let command = try await run([name, "--config", "bad.yaml"])
        #expect(command.ending == .exited(78))
        for part in ["bad.yaml:3", "pth", "path", "bad.yaml:6", "port"] {
            #expect(command.errors.contains(part), "\(part) in \(command.errors)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("data")))
    }

    @Test func `78: a configuration file that isn't there`() async throws {
        let command = try await run(["serve", "--config", "none.yaml"])
        #expect(command.ending == .exited(78))
        #expect(command.errors.contains("none.yaml"))
    }

    @Test func `69: an address that is taken`() async throws {
        let server = try await LiveServer(configuration: .sqlite)
        let port = try #require(URL(string: server.url)?.port)
        let command = try await run(["serve", "--set", "transport.http.port=\(port)"])
        #expect(command.ending == .exited(69))
        #expect(command.errors.contains("\(port)"), "\(command.errors)")
    }

    @Test func `69: a database that is none`() async throws {
        try folder.write(String(repeating: "no database. ", count: 1000), to: "text.db")
        let command = try await run(["serve", "--set", "transport.http.port=0", "--set", "storage.sqlite.path=text.db"])
        #expect(command.ending == .exited(69))
        #expect(command.errors.contains("text.db"), "\(command.errors)")
        #expect(try String(contentsOfFile: folder.file("text.db"), encoding: .utf8).hasPrefix("no database."))
    }

    @Test func `0: commands that only tell`() async throws {
        for (arguments, part) in [
            (["check"], ""), (["--help"], "serve"), (["plugins"], "storage.sqlite"), (["routes"], "/users/{id}"),
            (["openapi"], #""openapi":"3.1"#),
        ] {
            let command = try await run(arguments)
            #expect(command.ending == .exited(0), "\(arguments): \(command.errors)")
            #expect(part.isEmpty || command.output.contains(part), "\(arguments): \(command.output)")
        }
        // They open nothing.
        #expect(!FileManager.default.fileExists(atPath: folder.file("data")))
    }

    private func run(_ arguments: [String]) async throws -> Command {
        try await Command(arguments, in: folder)
    }
}
