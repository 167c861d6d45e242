import MartletModel
import Testing

@testable import MartletKernel

@Suite struct LifecycleTests {
    private let journal = Journal()

    /// The entries that begin with one of these words.
    private func entries(_ events: String...) -> [String] {
        journal.entries.filter { entry in events.contains { entry.hasPrefix("\($0) ") || entry == $0 } }
    }

    @Test func `plugins live in the order of their needs and die in reverse`() async throws {
        let kernel = try Kernel(fakePlugins, journal: journal)
        let port = try await kernel.run { kernel.values(of: .transports).compactMap { ($0 as? FakeTransport)?.port } }
        #expect(port == [8000])
        #expect(
            entries("init", "start", "prepare", "stop") == [
                "init storage.fake", "init resources.notes", "init transport.fake",
                "start storage.fake", "start resources.notes", "prepare notes", "start transport.fake",
                "stop transport.fake", "stop resources.notes", "stop storage.fake",
            ])
        #expect(
            entries("drained") == ["drained transport.fake", "drained resources.notes", "drained storage.fake"])
        #expect(Set(entries("run")) == ["run transport.fake", "run resources.notes", "run storage.fake"])
    }

    @Test func `making a kernel starts nothing`() throws {
        _ = try Kernel(fakePlugins, journal: journal)
        #expect(entries("start", "prepare", "run", "stop").isEmpty)
    }

    @Test func `the body's result and error come out, after all has stopped`() async throws {
        let kernel = try Kernel(fakePlugins, journal: journal)
        await #expect(throws: ScriptedFailure.self) {
            try await kernel.run { throw ScriptedFailure(description: "a test") }
        }
        #expect(journal.entries.last == "stop storage.fake")
    }

    @Test func `shutting down ends a run`() async throws {
        let kernel = try Kernel(fakePlugins, journal: journal)
        let running = Task { try await kernel.run() }
        kernel.shutDown()
        try await running.value
        #expect(entries("start").count == entries("stop").count)
    }

    @Test func `shutting down while all runs drains it`() async throws {
        let kernel = try Kernel(fakePlugins, journal: journal)
        let error = await #expect(throws: CancellationError.self) {
            try await kernel.run {
                kernel.shutDown()
                // Cancelled once all have drained.
                while true { try await Task.sleep(for: .seconds(60)) }
            }
        }
        #expect(error != nil)
        #expect(entries("drained").count == 3)
        #expect(entries("stop").count == 3)
    }

    @Test(
        arguments: [
            ("start storage.fake", "storage.fake failed to start: start went wrong", []),
            ("start resources.notes", "resources.notes failed to start: start went wrong", ["stop storage.fake"]),
            (
                "prepare storage.fake", "storage.fake could not be prepared: not a database",
                ["stop resources.notes", "stop storage.fake"]
            ),
            (
                "start transport.fake", "transport.fake failed to start: start went wrong",
                ["stop resources.notes", "stop storage.fake"]
            ),
        ] as [(String, String, [String])])
    func `a failed start stops what had started, in reverse`(event: String, message: String, stops: [String])
        async throws
    {
        let kernel = try Kernel(fakePlugins, journal: journal, script: Script(failures: [event]))
        let error = await #expect(throws: KernelError.self) { try await kernel.run() }
        #expect(error?.description == message)
        #expect(error?.kind == .unavailable)
        #expect(entries("stop") == stops)
        #expect(entries("run").isEmpty)
    }

    @Test func `a failed initialisation starts nothing`() throws {
        let error = #expect(throws: KernelError.self) {
            try Kernel(fakePlugins, journal: journal, script: Script(failures: ["init resources.notes"]))
        }
        #expect(error?.description == "resources.notes is not valid: init went wrong")
        #expect(entries("start", "stop").isEmpty)
    }

    @Test(arguments: [
        (Script(failures: ["run resources.notes"]), "resources.notes failed: run went wrong"),
        (Script(endsEarly: ["run resources.notes"]), "resources.notes failed: it ended by itself"),
    ])
    func `a plugin that fails while running ends all, in order`(script: Script, message: String) async throws {
        let kernel = try Kernel(fakePlugins, journal: journal, script: script)
        let error = await #expect(throws: KernelError.self) { try await kernel.run() }
        #expect(error?.description == message)
        #expect(error?.kind == .bug)
        #expect(entries("drained") == ["drained transport.fake", "drained storage.fake"])
        #expect(entries("stop") == ["stop transport.fake", "stop resources.notes", "stop storage.fake"])
    }

    @Test func `a plugin that fails while draining doesn't keep the others from it`() async throws {
        let kernel = try Kernel(fakePlugins, journal: journal, script: Script(failures: ["drained transport.fake"]))
        let error = await #expect(throws: KernelError.self) { try await kernel.run {} }
        #expect(error?.plugin == "transport.fake")
        #expect(entries("drained").last == "drained storage.fake")
        #expect(entries("stop").count == 3)
    }

    @Test func `what isn't finished within the grace is cancelled`() async throws {
        let script = Script(ignoresDrain: ["run transport.fake"])
        let kernel = try Kernel(fakePlugins, set: ["shutdown.grace=1ms"], journal: journal, script: script)
        try await kernel.run {}
        #expect(entries("cancelled") == ["cancelled transport.fake"])
        #expect(entries("stop") == ["stop transport.fake", "stop resources.notes", "stop storage.fake"])
    }
}
