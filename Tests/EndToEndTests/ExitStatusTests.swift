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

    @Test(arguments: ["check", "serve", "schema"])
    func `78: every mistake of every resource's file, with its place and what was meant`(_ name: String) async throws {
        let key = "fields:\n  id: { type: integer, key: generated }\n"
        try folder.write(key + "  title: { type: strin, lenght: 5 }\n", to: "resources/b.yaml")
        try folder.write(key + "  b: { references: bs }\nunique: [[id, c]]\n", to: "resources/a.yaml")
        try folder.write("resources: { use: [users, declared] }", to: "martlet.yaml")
        let command = try await run([name, "--config", "martlet.yaml"])
        #expect(command.ending == .exited(78))
        let lines = command.errors.split(separator: "\n").map { $0.split(separator: "/resources/").last ?? "" }
        #expect(
            lines == [
                "a.yaml:3:20: unknown resource \"bs\": did you mean b?",
                "a.yaml:4:15: unknown field \"c\": did you mean b?",
                "b.yaml:3:18: unknown type \"strin\": did you mean string?",
                "b.yaml:3:25: unknown key of a field \"lenght\": did you mean length?",
            ])
        #expect(!FileManager.default.fileExists(atPath: folder.file("data")))
    }

    @Test(arguments: ["check", "serve"])
    func `78: what is wrong with settings doesn't hide what is wrong with resources`(_ name: String) async throws {
        try folder.write("fields: { id: nothing }", to: "resources/notes.yaml")
        let settings = ["transport.http.port=x", "storage.sqlite.path=:memory:", "resources.declared.path=resources"]
        let command = try await run([name] + settings.flatMap { ["--set", $0] })
        #expect(command.ending == .exited(78))
        for part in [
            "--set: transport.http.port must be", "--set: storage.sqlite.path can't", "resources/notes.yaml:1:",
        ] {
            #expect(command.errors.contains(part), "\(part) in \(command.errors)")
        }
    }

    @Test(arguments: [
        ("storage.sqlite.path=:memory:", "write the path of a file"),
        ("storage.sqlite.path=sqlite:///a.db", "must be a path, not a URL"),
        ("storage.sqlite.path=file:a.db?mode=ro", "must be a path, not a URL"),
        ("storage.sqlite.path=jdbc:sqlite:a.db", "write it without jdbc:"),
        ("storage.sqlite.path=a.db?mode=ro", "without parameters"),
        ("storage.sqlite.path=$HOME/a.db", "has $HOME, which only a shell replaces"),
        ("storage.sqlite.path=data/${ENV}.db", "has ${ENV}, which only a shell replaces"),
        ("transport.http.unixSocket=$HOME/a.sock", "has $HOME"), ("transport.http.docsAssets=${A}", "has ${A}"),
        ("resources.declared.path=$HOME/resources", "has $HOME"),
        ("transport.http.unixSocket=/dev/null", "is no socket"),
        ("storage.sqlite.path=~/a.db", "only a shell expands"), ("storage.sqlite.path=", "is empty"),
        ("storage.sqlite.path=/tmp", "is a folder"), ("storage.sqlite.path=data/", "ends with /"),
        ("storage.sqlite.path=/dev/null", "is no regular file"),
        ("storage.sqlite.path=/etc/passwd/a.db", "/etc/passwd"),
        ("storage.sqlite.path=/proc/a.db", "is in /proc, which shows what the kernel knows"),
        ("storage.sqlite.path=/proc/self/new/a.db", "is in /proc/self, which"),
        ("storage.sqlite.path=/sys/a.db", "is in /sys, which"),
        ("transport.http.unixSocket=/proc/a.sock", "is in /proc, which"),
        ("transport.http.unixSocket=/sys/a.sock", "is in /sys, which"),
        ("storage.sqlite.path=/\(String(repeating: "a", count: 248))", "is too long"),
        ("transport.http.host=", "is empty"), ("transport.http.host=999.1.1.1", "is no IPv4 address"),
        ("transport.http.host=localhost:8000", "without a port"), ("transport.http.host=[::1]", "without brackets"),
        ("transport.http.host=1::2::3", "is no IPv6 address"), ("transport.http.host=http://a", "not a URL"),
        ("transport.http.host=a b", "neither an IP address nor a host's name"), ("transport.http.host=*", "0.0.0.0"),
        ("transport.http.basePath=/../x", "must not have . or .."),
        ("transport.http.basePath=/.", "must not have . or .."),
        ("transport.http.basePath=/a/./b", "must not have . or .."), ("transport.http.basePath=/a/..", "must not have"),
        ("transport.http.basePath=//x", "must begin with /"), ("transport.http.basePath=/a//b", "must begin with /"),
        ("transport.http.basePath=/a/", "not end with it"), ("transport.http.basePath=/%2e%2e/x", "letters, digits"),
        ("transport.http.basePath=/a?b", "letters, digits"), ("transport.http.basePath=/a\\b", "letters, digits"),
        ("transport.http.port=65536", "must be 0 to 65535"),
        ("transport.http.unixSocket=nowhere/a.sock", "a folder that isn't there"),
        ("transport.http.unixSocket=/etc/passwd", "is no socket"),
        ("transport.http.unixSocket=\(String(repeating: "a", count: 100))", "at most 107 bytes"),
        ("transport.http.docsAssets=nowhere", "is no folder that is there"),
        ("transport.http.docsAssets=/tmp", "is a folder without swagger-ui"),
        ("resources.declared.path=~/resources", "only a shell expands"),
        ("storage.postgres.url=", "storage.postgres.url is empty, and is required"),
        ("storage.postgres.url=postgresql+asyncpg://ada:s3cret@a/b", "has the scheme postgresql+asyncpg"),
        ("storage.postgres.url=postgresql://ada:s3cret@a/b?schema=public", "schema"),
    ])
    func `78: a path or an address that can't be one, also without a start`(
        _ setting: String, _ reason: String
    ) async throws {
        let command = try await run(["check", "--set", setting])
        #expect(command.ending == .exited(78))
        let key = setting.prefix { $0 != "=" }
        #expect(command.errors.hasPrefix("--set: \(key) "), "\(command.errors)")
        #expect(command.errors.contains(reason), "\(command.errors)")
        #expect(!command.errors.contains("s3cret"))
    }

    @Test(arguments: ["./a:b.db", "a$.db", "a$1.db", "c:/a.db", "data/2024-01-01T00:00.db"])
    func `0: unusual paths that are ones`(_ path: String) async throws {
        let command = try await run(["check", "--set", "storage.sqlite.path=\(path)"])
        #expect(command.ending == .exited(0), "\(command.errors)")
    }

    @Test(arguments: [18, 20, 24])
    func `69: too few files that the process may open`(_ limit: Int) async throws {
        let process = try ChildProcess(
            "/usr/bin/prlimit",
            ["--nofile=\(limit):\(limit)", Executable.martlet, "serve", "--set", "storage.sqlite.path=a.db"]
                + ["--set", "transport.http.port=0"],
            in: folder.path, log: folder.file("log"))
        #expect(try await process.ending(within: .seconds(60)) == .exited(69))
        let log = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
        #expect(log.contains("ulimit") || log.contains("Too many open files"), "\(log)")
    }

    @Test func `78: plugins that don't fit together, with the place where they were chosen`() async throws {
        try folder.write("storage: { use: [sqlite, postgres], postgres: { url: postgresql:///a } }", to: "two.yaml")
        let command = try await run(["check", "--config", "two.yaml"])
        #expect(command.ending == .exited(78))
        #expect(command.errors.hasPrefix("two.yaml:1:18: storage.sqlite and storage.postgres both provide storage"))
    }

    @Test(arguments: ["::1", "fe80::1%eth0", "0.0.0.0", "localhost", "my_host.example.org", "db-1"])
    func `0: an address or a name that may be this machine's`(_ host: String) async throws {
        let command = try await run(["check", "--set", "transport.http.host=\(host)"])
        #expect(command.ending == .exited(0), "\(command.errors)")
    }

    @Test(arguments: [
        (["allowedOrigins=https://a.test/"], "leave out the path"), (["allowedOrigins=*,https://a.test"], "alone"),
        (["allowedOrigins=*", "allowCredentials=true"], "can't be true while any origin is allowed"),
    ])
    func `78: origins that no browser sends, or that all may send credentials`(
        _ settings: [String], _ reason: String
    ) async throws {
        let command = try await run(["check"] + settings.flatMap { ["--set", "transport.http.\($0)"] })
        #expect(command.ending == .exited(78))
        #expect(command.errors.contains(reason), "\(command.errors)")
    }

    @Test func `origins are a list in YAML`() async throws {
        let list = "transport: { http: { allowedOrigins: [https://a.test, %] } }\n"
        try folder.write(list.replacing("%", with: "http://localhost:5173"), to: "good.yaml")
        #expect(try await run(["check", "--config", "good.yaml"]).ending == .exited(0))
        try folder.write(list.replacing("%", with: "b.test"), to: "bad.yaml")
        let command = try await run(["check", "--config", "bad.yaml"])
        #expect(command.ending == .exited(78))
        #expect(command.errors.contains("bad.yaml:1") && command.errors.contains(#""b.test""#), "\(command.errors)")
    }

    @Test(arguments: ["config/martlet.yml", "config/martlet.YAML", "config/martlet.yaml.txt"])
    func `78: a configuration file that its name keeps from being read`(name: String) async throws {
        try folder.write("log: {}", to: name)
        for (count, command) in ["check", "serve"].enumerated() {
            let refused = try await run([command])
            #expect(refused.ending == .exited(78))
            // A folder's commands write one after the other.
            let line = "\(name): is not read: name it config/martlet.yaml, or say --config \(name)\n"
            #expect(refused.errors == String(repeating: line, count: count + 1))
        }
        #expect(try await run(["check", "--config", name]).ending == .exited(0))
        try folder.write("log: {}", to: "config/martlet.yaml")
        #expect(try await run(["check"]).ending == .exited(0))
    }

    @Test func `0: a martlet.yaml beside, which may be of another use, is a warning`() async throws {
        try folder.write("log: {}", to: "martlet.yaml")
        let command = try await run(["check"])
        #expect(command.ending == .exited(0))
        #expect(
            command.errors == "warning: martlet.yaml is not read: to use it, say --config martlet.yaml or move it to "
                + "config/martlet.yaml\n")
        try folder.write("log: {}", to: "config/martlet.yaml")
        #expect(try await run(["check"]).errors == command.errors)
    }

    @Test func `0: files in the resource folder that aren't read are a warning`() async throws {
        let key = "fields:\n  id: { type: integer, key: generated }\n"
        let others = ["books.yaml.bak", "books.json", "notes.yaml~", "#notes.yaml#", ".books.yaml.bak"]
        for name in ["notes.yaml"] + others { try folder.write(key, to: "resources/\(name)") }
        let command = try await run(
            ["check", "--set", "resources.use=declared", "--set", "resources.declared.path=resources"])
        #expect(command.ending == .exited(0), "\(command.errors)")
        let reason = "is not read: a resource's file is named *.yaml"
        #expect(
            command.errors == "warning: resources/books.json \(reason)\nwarning: resources/books.yaml.bak \(reason)\n")
    }

    @Test func `78: a path beside which something is in the place of a file`() async throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("link.db"), withDestinationPath: "nowhere/x.db")
        for name in ["a.db.lock", "b.db-wal", "c.db-journal"] { try folder.write("", to: "\(name)/file") }
        for (path, reason) in [
            ("link.db", "is a symbolic link to nothing"), ("a.db", "a.db.lock, which has to be a file"),
            ("b.db", "b.db-wal, which has to be a file"), ("c.db", "c.db-journal, which has to be a file"),
        ] {
            let command = try await run(["check", "--set", "storage.sqlite.path=\(path)"])
            #expect(command.ending == .exited(78))
            #expect(command.errors.contains(reason), "\(command.errors)")
        }
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

    @Test func `78: a database that is none`() async throws {
        try folder.write(String(repeating: "no database. ", count: 1000), to: "text.db")
        let command = try await run(["serve", "--set", "transport.http.port=0", "--set", "storage.sqlite.path=text.db"])
        #expect(command.ending == .exited(78))
        #expect(command.errors.contains("storage.sqlite.path is a file of something else"), "\(command.errors)")
        #expect(try String(contentsOfFile: folder.file("text.db"), encoding: .utf8).hasPrefix("no database."))
    }

    @Test func `69: a PostgreSQL that isn't there, and no log has its password`() async throws {
        let url = "postgresql://ada:s3cret@127.0.0.1:1/nowhere"
        let command = try await Command(
            ["serve", "--wait", "1s", "--set", "transport.http.port=0", "--set", "storage.use=postgres"],
            environment: ["DATABASE_URL": url], in: folder)
        #expect(command.ending == .exited(69))
        #expect(command.errors.contains("127.0.0.1") && command.errors.contains("trying again"), "\(command.errors)")
        #expect(!(command.errors + command.output).contains("s3cret"))
    }

    /// Waiting would take longer than the test.
    @Test(arguments: LiveServer.Configuration.all)
    func `69: a migration that would lose data, whatever --wait says`(_ backend: LiveServer.Configuration) async throws
    {
        let notes = "fields:\n  id: { type: integer, key: generated }\n"
        var settings = backend.settings.merging(try await backend.settingsInFolder(folder.path)) { $1 }
        settings["resources.use"] = "declared"
        settings["resources.declared.path"] = "resources"
        let arguments = settings.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0)=\($1)"] }
        try folder.write(notes + "  title: string\n", to: "resources/notes.yaml")
        #expect(try await run(["migrate"] + arguments).ending == .exited(0))
        try folder.write(notes, to: "resources/notes.yaml")
        let command = try await run(["serve", "--wait", "24h"] + arguments)
        #expect(command.ending == .exited(69))
        #expect(command.errors.contains("title") && !command.errors.contains("trying again"), "\(command.errors)")
    }

    @Test func `0: commands that only tell`() async throws {
        for (arguments, part) in [
            (["check"], ""), (["--help"], "serve"), (["plugins"], "storage.sqlite"), (["routes"], "/users/{id}"),
            (["openapi"], #""openapi":"3.1"#), (["schema"], "https://json-schema.org/draft/2020-12/schema"),
            (["schema", "--swift", "users"], "public struct User: Model"),
        ] {
            let command = try await run(arguments)
            #expect(command.ending == .exited(0), "\(arguments): \(command.errors)")
            #expect(part.isEmpty || command.output.contains(part), "\(arguments): \(command.output)")
        }
        // They open nothing.
        #expect(!FileManager.default.fileExists(atPath: folder.file("data")))
    }

    /// What a server can't start with on this machine is nothing to commands that only print.
    @Test(arguments: [
        "storage.sqlite.path=/proc/a.db", "storage.sqlite.path=/etc/passwd/a.db", "storage.sqlite.path=/tmp",
        "transport.http.unixSocket=nowhere/a.sock", "transport.http.unixSocket=/etc/passwd",
        "transport.http.docsAssets=nowhere",
        "storage.postgres.url=postgresql://ada:s3cret@a/b?sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
    ])
    func `0: commands that only tell need no folder to write to`(_ setting: String) async throws {
        for command in ["openapi", "routes", "schema", "plugins"] {
            let command = try await run([command, "--set", setting])
            #expect(command.ending == .exited(0), "\(command.errors)")
            #expect(!command.output.isEmpty)
        }
        for command in ["check", "serve"] {
            #expect(try await run([command, "--set", setting]).ending == .exited(78), "\(command)")
        }
    }

    @Test func `78: no file's name after --config`() async throws {
        let command = try await run(["check", "--config", ""])
        #expect(command.ending == .exited(78))
        #expect(command.errors.contains("--config is empty: name a file, or leave it out"))
    }

    @Test func `69: a host that there isn't`() async throws {
        let command = try await run([
            "serve", "--set", "transport.http.host=nope.invalid", "--set", "storage.sqlite.path=\(folder.file("m.db"))",
        ])
        #expect(command.ending == .exited(69))
        #expect(command.errors.contains("there is no such host"), "\(command.errors)")
    }

    @Test(arguments: ["plugins", "openapi", "routes", "schema", "check"])
    func `74: output that finds no room`(_ name: String) async throws {
        let process = try ChildProcess(
            Executable.martlet, [name], environment: [:], in: folder.path, output: "/dev/full", log: folder.file("log"))
        #expect(try await process.ending(within: .seconds(60)) == .exited(74))
        let errors = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
        #expect(errors.contains("can't write the output: No space left on device"))
    }

    private func run(_ arguments: [String]) async throws -> Command {
        try await Command(arguments, in: folder)
    }
}
