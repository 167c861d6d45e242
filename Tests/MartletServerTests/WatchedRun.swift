import Foundation
import MartletKernel
import Synchronization
import Testing
import UnixSignals

@testable import MartletServer

/// A `serve --watch` in a folder of its own, which a test changes files of while it reads the log.
final class WatchedRun: Sendable {
    let folder: URL
    private let signals = AsyncStream.makeStream(of: UnixSignal.self)
    private let ended = Mutex<[CInt]>([])
    private let told = Mutex<[String]>([])

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// Serves until it has ended by itself or `body` is done.
    /// - Returns: its exit status.
    func serve(
        probe: Probe = Probe(), end: @escaping @Sendable () -> Void = {}, _ body: @Sendable () async throws -> Void
    ) async throws -> CInt {
        let log = open(file("log"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(log) }
        let console = Console(output: { _ in }, error: { line in self.told.withLock { $0.append(line) } })
        let martlet = Martlet(
            [FakeTransport.self, FakeStorage.self, WordPlugin.self], console: console, environment: [:],
            standardFile: file("martlet.yaml"), logDescriptor: log, signals: { self.signals.stream },
            end: { status in
                self.ended.withLock { $0.append(status) }
                end()
            }, watchInterval: .milliseconds(10))
        // On a busy machine also a server that stops at once takes its time.
        let arguments = ["serve", "--watch", "--set", "shutdown.grace=300s"]
        async let status = Probe.$current.withValue(probe) { await martlet.run(arguments) }
        do {
            try await body()
        } catch {
            send(.sigterm)
            throw error
        }
        return await status
    }

    func send(_ signal: UnixSignal) {
        signals.continuation.yield(signal)
    }

    /// What the process would have ended with, at once.
    var ends: [CInt] { ended.withLock { $0 } }

    /// What it wrote to standard error.
    var errors: [String] { told.withLock { $0 } }

    func configure(_ lines: String..., folder: String? = nil) throws {
        let all = ["resources: { word: { folder: \(folder ?? self.folder.path) } }"] + lines
        try write(all.joined(separator: "\n"), to: "martlet.yaml")
    }

    func say(_ word: String) throws {
        try write(word, to: "word.yaml")
    }

    func write(_ text: String, to name: String) throws {
        // At once: a half of it would be one more change.
        try Data(text.utf8).write(to: folder.appendingPathComponent(name), options: .atomic)
    }

    func file(_ name: String) -> String { folder.path + "/" + name }

    /// The messages of the log, so far.
    var messages: [String] {
        let lines = (try? String(contentsOfFile: file("log"), encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.compactMap { line in
            (try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["message"] as? String
        }
    }

    /// Waits until the log has had a message this often.
    func wait(for message: String, count: Int = 1) async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while true {
            // Looked at once more behind the deadline: on a busy machine a short sleep can be longer than that.
            let isLast = ContinuousClock.now >= deadline
            let found = messages
            if found.count(where: { $0 == message }) >= count { return }
            try #require(!isLast, "no \(message) in \(found)")
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
