import Foundation
import MartletKernel
import Synchronization
import Testing
import UnixSignals

@testable import MartletServer

/// What signals do to a server.
@Suite struct ServeTests {
    private let plugins: [any Plugin.Type] = [FakeTransport.self, FakeStorage.self, Notes.self]

    /// Runs a server that logs to a file of its own, and reads it.
    private func serve(
        _ arguments: [String], signals: AsyncStream<UnixSignal>, probe: Probe,
        end: @escaping @Sendable (CInt) -> Void = { _ in }
    ) async throws -> (status: CInt, log: [[String: Any]]) {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        let martlet = Martlet(
            plugins, console: Console(output: { _ in }, error: { _ in }), environment: [:], standardFile: nil,
            logDescriptor: descriptor, signals: { signals }, end: end)
        // On a busy machine also a server that stops at once takes its time.
        let arguments = arguments + ["--set", "shutdown.grace=300s"]
        let status = await Probe.$current.withValue(probe) { await martlet.run(arguments) }
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return (
            status,
            try lines.map { line in
                try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
        )
    }

    @Test func `a signal drains the server, and it ends well`() async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: UnixSignal.self)
        let (status, log) = try await serve(
            ["serve", "--set", "log.format=json"], signals: signals,
            probe: Probe(onRun: { continuation.yield(.sigterm) }))
        #expect(status == 0)
        let messages = log.compactMap { $0["message"] as? String }
        #expect(messages == ["made", "starting", "ready", "shutting down; a second signal ends the process at once"])
        let starting = try #require(log[1]["metadata"] as? [String: Any])
        #expect(starting["storage"] as? String == "storage.fake")
        #expect(starting["plugins"] as? [String] == ["transport.fake", "storage.fake", "resources.notes"])
        #expect(log[0]["label"] as? String == "transport.fake")
        #expect((log[2]["metadata"] as? [String: Any])?["startup"] != nil)
    }

    @Test func `a second signal ends the process at once`() async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: UnixSignal.self)
        let (work, finishWork) = AsyncStream.makeStream(of: Never.self)
        let ended = Mutex<[CInt]>([])
        let probe = Probe(
            onRun: {
                continuation.yield(.sigint)
                continuation.yield(.sigterm)
            }, work: work)
        _ = try await serve(["serve"], signals: signals, probe: probe) { status in
            ended.withLock { $0.append(status) }
            // The process would be gone.
            finishWork.finish()
        }
        #expect(ended.withLock { $0 } == [128 + 15])
    }

    @Test func `a start that fails is a line of the log where programs read it`() async throws {
        let (status, log) = try await serve(
            ["serve", "--set", "log.format=json", "--set", "storage.fake.failure=true"],
            signals: AsyncStream { _ in }, probe: Probe())
        #expect(status == 69)
        #expect(log.last?["level"] as? String == "critical")
        #expect(log.last?["message"] as? String == "storage.fake could not be prepared: not a database")
    }

    @Test func `the log's level is a setting`() async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: UnixSignal.self)
        let (_, log) = try await serve(
            ["--set", "log.level=warning"], signals: signals, probe: Probe(onRun: { continuation.yield(.sigterm) }))
        #expect(log.isEmpty)
    }
}
