import Foundation
import MartletKernel
import Synchronization
import Testing
import UnixSignals

@testable import MartletServer

@Suite struct CommandTests {
    /// What a command wrote, and how it ended.
    private struct Run {
        let status: CInt
        let output: [String]
        let errors: [String]
    }

    private func run(
        _ arguments: [String], _ plugins: [any Plugin.Type] = [FakeTransport.self, FakeStorage.self, Notes.self],
        environment: [String: String] = [:]
    ) async -> Run {
        let lines = Mutex<(output: [String], errors: [String])>(([], []))
        let devNull = open("/dev/null", O_WRONLY)
        defer { close(devNull) }
        let console = Console(
            output: { line in lines.withLock { $0.output.append(line) } },
            error: { line in lines.withLock { $0.errors.append(line) } })
        let martlet = Martlet(
            plugins, console: console, environment: environment, standardFile: nil, misnamedFile: nil,
            likelyFile: nil, logDescriptor: devNull,
            signals: { AsyncStream<UnixSignal> { _ in } })
        let status = await martlet.run(arguments)
        return lines.withLock { Run(status: status, output: $0.output, errors: $0.errors) }
    }

    @Test(arguments: [["--help"], ["help"], ["serve", "--help"], ["-h"], ["help", "check"]])
    func `help is an answer`(arguments: [String]) async {
        let run = await run(arguments)
        #expect(run.status == 0)
        #expect(run.output.joined().contains("USAGE"))
        #expect(run.errors.isEmpty)
    }

    @Test func `the help tells examples and every exit status`() async {
        let help = await run(["--help"]).output.joined()
        for text in ["EXAMPLES", "EXIT STATUS", "64", "69", "70", "78", "--config", "--set", "check", "routes"] {
            #expect(help.contains(text), "\(text)")
        }
    }

    @Test func `the version is an answer`() async {
        let run = await run(["--version"])
        #expect(run.output == [Martlet.version])
        #expect(run.status == 0)
    }

    @Test(arguments: [["--nonsense"], ["check", "extra"], ["--set"], ["--config"]])
    func `a command line that is wrong is status 64`(arguments: [String]) async {
        let run = await run(arguments)
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.joined().contains("Usage:"))
    }

    @Test(arguments: ["check", "openapi", "routes", "plugins", "schema", "serve", "migrate"])
    func `a configuration that is wrong is status 78, with all that is`(command: String) async {
        let run = await run([command, "--set", "transport.fake.port=x", "--set", "storage.use=fak"])
        #expect(run.status == 78)
        #expect(
            run.errors == [
                "--set: transport.fake.port must be an integer\n--set: storage.use: no plugin \"fak\"; did you mean fake?"
            ])
    }

    @Test func `a system without /proc or a usable clock is told so`() {
        #expect(Martlet.obstacle(arguments: ["martlet"], monotonicTime: 0) == nil)
        #expect(Martlet.obstacle(arguments: [], monotonicTime: 0)?.contains("mount /proc") == true)
        #expect(Martlet.obstacle(arguments: ["martlet"], monotonicTime: -1)?.contains("monotonic clock") == true)
    }

    @Test func `check says what is valid`() async {
        let run = await run(["check"])
        #expect(run.status == 0)
        #expect(run.output == ["built-in defaults: valid, with transport.fake, storage.fake, resources.notes"])
    }

    @Test func `migrate starts no transport, and is status 69 on a storage without migrations`() async {
        for transport in [[], ["--set", "transport.fake.failure=start"]] {
            let run = await run(["migrate"] + transport)
            #expect(run.status == 69)
            #expect(run.errors == ["storage.fake could not be prepared: this storage has no migrations"])
        }
    }

    @Test func `check makes the plugins, and starts none`() async {
        #expect(await run(["check", "--set", "transport.fake.failure=start"]).status == 0)
        let run = await run(["check", "--set", "resources.use="])
        #expect(run.status == 78)
        #expect(run.errors == ["kernel.application is not valid: no resource is in use: name one in resources.use"])
    }

    @Test func `check warns of unknown variables`() async {
        let run = await run(["check"], environment: ["MARTLET_TRANSPORT_FAKE_PRT": "1"])
        #expect(run.status == 0)
        #expect(
            run.errors == [
                "warning: unknown environment variable MARTLET_TRANSPORT_FAKE_PRT: "
                    + "did you mean MARTLET_TRANSPORT_FAKE_PORT?"
            ])
    }

    @Test func `openapi prints the document and nothing else`() async {
        let run = await run(["openapi"])
        #expect(run.output == ["{\"openapi\":\"3.1.0\"}"])
        #expect(run.errors.isEmpty)
        let without = await self.run(["openapi", "--set", "transport.fake.failure=openapi"])
        #expect(without.status == 78)
        #expect(without.output.isEmpty)
    }

    @Test func `schema prints the first format of files that there is`() async {
        let run = await run(["schema"])
        #expect(run.status == 0)
        #expect(run.output == ["{\"type\":\"object\"}"])
        #expect(run.errors.isEmpty)
    }

    @Test func `schema prints a resource as Swift`() async {
        let run = await run(["schema", "--swift", "notes"])
        #expect(run.status == 0)
        #expect(
            run.output == [
                """
                public import MartletModel

                /// A record of `notes`.
                public struct Note: Model, Equatable {
                    public var id: Int64

                    public init(id: Int64) {
                        self.id = id
                    }

                    public static let schema = Schema(
                        "notes",
                        Field("id", \\.id, .key(.generated)),
                        build: Note.init)
                }
                """
            ])
    }

    @Test func `schema names the resources that there are when it's asked for another one`() async {
        let run = await run(["schema", "--swift", "nots"])
        #expect(run.status == 78)
        #expect(run.output.isEmpty)
        #expect(run.errors == ["no resource \"nots\" is in use; in use: notes"])
    }

    @Test func `routes prints a table`() async {
        let run = await run(["routes"])
        #expect(
            run.output == [
                "GET     /notes       Lists notes.",
                "DELETE  /notes/{id}  Deletes one.",
            ])
    }

    @Test func `plugins prints each with its settings, and no secret's value`() async {
        let run = await run(["plugins", "--set", "transport.use="])
        #expect(run.status == 0)
        let text = run.output.joined(separator: "\n")
        #expect(text.contains("transport.fake: A fake way in."))
        #expect(text.contains("storage.fake (in use): Keeps nothing."))
        #expect(
            text.contains(
                "transport.fake.port = 8000\n      Its port.\n      Takes an integer. MARTLET_TRANSPORT_FAKE_PORT, PORT"
            ))
        #expect(text.contains("Takes a string. MARTLET_TRANSPORT_FAKE_TOKEN, MARTLET_TRANSPORT_FAKE_TOKEN_FILE"))
        #expect(text.contains("shutdown.grace"))
        #expect(!text.contains("s3cr3t"))
    }

    @Test func `plugins lists them although the configuration is wrong`() async {
        let run = await run(["plugins", "--set", "transport.use=x"])
        #expect(run.status == 78)
        #expect(run.output.contains("transport.fake: A fake way in."))
    }

    @Test(
        arguments: [
            ("storage.fake.failure=true", 69, "storage.fake could not be prepared: not a database"),
            ("transport.fake.failure=start", 69, "transport.fake failed to start: the address is in use"),
            ("transport.fake.failure=run", 70, "transport.fake failed: broken"),
        ] as [(String, CInt, String)])
    func `a server that fails says who and at which stage`(set: String, status: CInt, message: String) async {
        let run = await run(["serve", "--set", set, "--set", "log.format=text"])
        #expect(run.status == status)
        #expect(run.errors == [message])
        #expect(run.output.isEmpty)
    }

    @Test func `a server that fails says so in its log where programs read that`() async {
        let run = await run(["serve", "--set", "storage.fake.failure=true", "--set", "log.format=json"])
        #expect(run.status == 69)
        #expect(run.errors.isEmpty)
    }

    @Test func `a server waits for its storage for as long as it is told to`() async {
        let begin = ContinuousClock.now
        let run = await run(
            ["serve", "--wait", "1500ms", "--set", "storage.fake.isAway=true", "--set", "log.format=text"])
        #expect(run.status == 69)
        #expect(run.errors == ["storage.fake could not be prepared: nobody answers"])
        #expect(ContinuousClock.now - begin >= .seconds(1))
    }

    /// It would never end.
    @Test func `a server doesn't wait for what only a person can fix`() async {
        let run = await run(
            ["serve", "--wait", "24h", "--set", "storage.fake.failure=true", "--set", "log.format=text"])
        #expect(run.status == 69)
        #expect(run.errors == ["storage.fake could not be prepared: not a database"])
    }

    @Test func `a wait is a duration`() async {
        let run = await run(["serve", "--wait", "soon"])
        #expect(run.status == 64)
        #expect(run.errors.joined().contains("--wait takes a duration such as 500ms, 10s or 2m, not \"soon\""))
    }

    @Test func `an unknown command is told with those that there are`() async {
        let run = await run(["chekc"])
        #expect(run.status == 64)
        let text = run.errors.joined()
        #expect(text.hasPrefix("unknown command \"chekc\": did you mean check?\nUsage: "))
        for command in ["serve", "migrate", "openapi", "plugins", "routes", "schema", "help"] {
            #expect(text.contains(command), "\(command)")
        }
    }

    @Test func `a list of plugins that can't be is a bug`() async {
        #expect(await run(["check"], [Notes.self, Notes.self]).status == 70)
    }
}
