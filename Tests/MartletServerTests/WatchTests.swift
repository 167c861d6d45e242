import Foundation
import Synchronization
import Testing
import UnixSignals

@testable import MartletServer

/// `martlet serve --watch`: what changes of files do to a server.
@Suite struct WatchTests {
    private let run: WatchedRun

    init() throws {
        run = try WatchedRun()
        try run.configure()
        try run.say("one")
    }

    @Test func `a change of a watched file starts the server anew, after the old one has stopped`() async throws {
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try run.say("two")
            try await run.wait(for: "says two")
            run.send(.sigterm)
        }
        #expect(status == 0)
        let events: Set<Substring> = ["says", "stopped", "changed", "restarting"]
        let told = run.messages.filter { events.contains($0.prefix { $0 != " " }) }
        #expect(told == ["says one", "changed", "restarting", "stopped one", "says two", "stopped two"])
    }

    @Test func `a change of the configuration decides what is watched from then on`() async throws {
        let other = run.folder.appendingPathComponent("other")
        try FileManager.default.createDirectory(at: other, withIntermediateDirectories: false)
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try run.configure(folder: other.path)
            try await run.wait(for: "says nothing")
            try run.write("three", to: "other/word.yaml")
            try await run.wait(for: "says three")
            run.send(.sigterm)
        }
        #expect(status == 0)
    }

    @Test func `a mistake changes nothing, and the next good change is taken`() async throws {
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try run.say("mistake")
            try await run.wait(for: "what is served stays as it was, until the next change")
            try run.configure("storage: { use: fak }", "transport: { fake: { port: x } }")
            try await run.wait(for: "what is served stays as it was, until the next change", count: 2)
            #expect(!run.messages.contains("restarting"))
            try run.say("two")
            try await run.wait(for: "what is served stays as it was, until the next change", count: 3)
            try run.configure()
            try await run.wait(for: "says two")
            run.send(.sigterm)
        }
        #expect(status == 0)
        let file = run.file("martlet.yaml")
        for mistake in [
            "word.yaml:1:1: no word", "word.yaml:2:1: no word", "\(file):3:28: transport.fake.port must be an integer",
            "\(file):2:17: storage.use: no plugin \"fak\"; did you mean fake?",
        ] {
            #expect(run.messages.contains(mistake), "\(mistake)")
        }
    }

    @Test func `a configuration file that is gone is a mistake until it is back`() async throws {
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try FileManager.default.removeItem(atPath: run.file("martlet.yaml"))
            try await run.wait(for: "what is served stays as it was, until the next change")
            try run.say("two")
            try await run.wait(for: "what is served stays as it was, until the next change", count: 2)
            try run.configure()
            try await run.wait(for: "says two")
            run.send(.sigterm)
        }
        #expect(status == 0)
    }

    @Test(arguments: ["transport: { fake: { failure: start } }", "storage: { fake: { failure: true } }"])
    func `a server that can't start gives way to the one before it`(line: String) async throws {
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try run.configure(line)
            try await run.wait(for: "could not start: going back to what was served before")
            try await run.wait(for: "says one", count: 2)
            try run.say("two")
            try await run.wait(for: "could not start: going back to what was served before", count: 2)
            try await run.wait(for: "watching", count: 3)
            try run.configure()
            try await run.wait(for: "ready", count: 4)
            run.send(.sigterm)
        }
        #expect(status == 0)
        #expect(run.messages.contains { $0.hasSuffix("the address is in use") || $0.hasSuffix("not a database") })
    }

    @Test func `what is gone back to is as its files were`() async throws {
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try run.say("unstartable")
            try await run.wait(for: "resources.word failed to start: it is no use")
            try await run.wait(for: "says one", count: 2)
            // The file is another one with the same text.
            for count in 3...4 {
                try run.say("unstartable")
                try await run.wait(for: "says one", count: count)
            }
            try run.say("two")
            try await run.wait(for: "says two")
            run.send(.sigterm)
        }
        #expect(status == 0)
    }

    @Test func `without a server to go back to nothing is served until the next change`() async throws {
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try run.write("", to: "obstacle")
            try run.say("two")
            try await run.wait(for: "could not start: going back to what was served before")
            try await run.wait(for: "could not start: nothing is served until the next change")
            try FileManager.default.removeItem(atPath: run.file("obstacle"))
            try run.say("three")
            try await run.wait(for: "says three")
            run.send(.sigterm)
        }
        #expect(status == 0)
        #expect(run.messages.contains("resources.word failed to start: it is no use"))
    }

    @Test func `a change while the storage can't be reached is served once it can`() async throws {
        let isAway = Mutex(false)
        let probe = Probe(isStorageAway: { isAway.withLock { $0 } })
        let status = try await run.serve(probe: probe) { [run] in
            try await run.wait(for: "watching")
            isAway.withLock { $0 = true }
            try run.say("two")
            try await run.wait(for: "could not start: going back to what was served before")
            try await run.wait(for: "could not start: trying again", count: 3)
            // A mistake meanwhile waits for the next change, which is tried at once.
            try run.say("mistake")
            try await run.wait(for: "could not start: nothing is served until the next change")
            try run.say("three")
            let tries = run.messages.count { $0 == "could not start: trying again" }
            try await run.wait(for: "could not start: trying again", count: tries + 1)
            isAway.withLock { $0 = false }
            try await run.wait(for: "says three")
            run.send(.sigterm)
        }
        #expect(status == 0)
        #expect(run.messages.contains("storage.fake could not be prepared: nobody answers"))
        #expect(!run.messages.contains("says two"))
    }

    @Test func `what can't start once the storage is back gives way to what was served before`() async throws {
        let isAway = Mutex(false)
        let probe = Probe(isStorageAway: { isAway.withLock { $0 } })
        let status = try await run.serve(probe: probe) { [run] in
            try await run.wait(for: "watching")
            isAway.withLock { $0 = true }
            try run.configure("transport: { fake: { failure: start } }")
            try await run.wait(for: "could not start: trying again", count: 2)
            isAway.withLock { $0 = false }
            try await run.wait(for: "says one", count: 2)
            run.send(.sigterm)
        }
        #expect(status == 0)
        #expect(run.messages.contains { $0.hasSuffix("the address is in use") })
    }

    @Test func `told to end while it waits for the storage it ends`() async throws {
        let isAway = Mutex(false)
        let probe = Probe(isStorageAway: { isAway.withLock { $0 } })
        let status = try await run.serve(probe: probe) { [run] in
            try await run.wait(for: "watching")
            isAway.withLock { $0 = true }
            try run.say("two")
            try await run.wait(for: "could not start: trying again", count: 2)
            run.send(.sigterm)
        }
        #expect(status == 0)
    }

    @Test func `told to end while nothing is served it ends`() async throws {
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try run.write("", to: "obstacle")
            try run.say("two")
            try await run.wait(for: "could not start: nothing is served until the next change")
            run.send(.sigterm)
        }
        #expect(status == 0)
    }

    @Test func `a first server that can't start ends it, as without a watch`() async throws {
        try run.say("unstartable")
        #expect(try await run.serve {} == 69)
        try run.say("mistake")
        #expect(try await run.serve {} == 78)
        #expect(run.errors.last == "word.yaml:1:1: no word\nword.yaml:2:1: no word")
    }

    @Test func `a server that fails at its end is replaced all the same`() async throws {
        try run.say("bitter")
        let status = try await run.serve { [run] in
            try await run.wait(for: "watching")
            try run.say("two")
            try await run.wait(for: "says two")
            run.send(.sigterm)
        }
        #expect(status == 0)
        #expect(run.messages.contains("resources.word failed: a bitter end"))
    }

    @Test func `a signal while the old server drains ends it, and no new one starts`() async throws {
        let (work, finishWork) = AsyncStream.makeStream(of: Never.self)
        let status = try await run.serve(probe: Probe(work: work)) { [run] in
            try await run.wait(for: "watching")
            try run.say("two")
            try await run.wait(for: "restarting")
            run.send(.sigterm)
            try await run.wait(for: "shutting down; a second signal ends the process at once")
            finishWork.finish()
        }
        #expect(status == 0)
        #expect(run.messages.count { $0 == "starting" } == 1)
    }

    @Test func `a second signal ends the process at once, also while the old server drains`() async throws {
        let (work, finishWork) = AsyncStream.makeStream(of: Never.self)
        _ = try await run.serve(probe: Probe(work: work), end: { finishWork.finish() }) { [run] in
            try await run.wait(for: "watching")
            try run.say("two")
            try await run.wait(for: "restarting")
            run.send(.sigint)
            run.send(.sigterm)
        }
        #expect(run.ends == [128 + 15])
    }

    @Test func `a signal while the new server starts ends it before it has`() async throws {
        let (start, finishStart) = AsyncStream.makeStream(of: Never.self)
        let status = try await run.serve(probe: Probe(start: start)) { [run] in
            try await run.wait(for: "watching")
            try run.say("slow")
            try await run.wait(for: "starting slowly")
            run.send(.sigterm)
            try await run.wait(for: "shutting down; a second signal ends the process at once")
            finishStart.finish()
        }
        #expect(status == 0)
        #expect(run.messages.count { $0 == "ready" } == 1)
        #expect(!run.messages.contains("says slow"))
    }
}
