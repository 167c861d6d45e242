import Foundation
import Glibc
import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// What is acknowledged is on the disk: in the file that has the database's name.
@Suite struct LostFileTests {
    private let log = InMemoryLogHandler()

    /// How often the log says that writes are refused.
    private var complaints: Int { log.entries.count { $0.message == "the database takes no writes" } }

    private func open(
        _ folder: TemporaryFolder, _ adjust: (inout SQLiteDatabase.Options) -> Void = { _ in },
        _ body: (Fixture) async throws -> Void
    ) async throws {
        try await Fixture.open(in: folder, logger: Logger(label: "test") { _ in log }, adjust, body)
    }

    private func expectRefusal(_ fixture: Fixture) async {
        await #expect { try await fixture.insert("lost") } throws: { isUnavailable($0) }
        #expect(await fixture.database.health() != .ready)
        #expect(complaints == 1)
    }

    @Test func `while the database file has another name, writes are refused, and reads go on`() async throws {
        let folder = try TemporaryFolder()
        try await open(folder) { fixture in
            try await fixture.insert("before")
            let (path, other) = (fixture.options.path, folder.file("moved.db"))
            try FileManager.default.moveItem(atPath: path, toPath: other)
            await expectRefusal(fixture)
            await expectRefusal(fixture)
            #expect(try await fixture.slugs() == ["before"])
            try FileManager.default.moveItem(atPath: other, toPath: path)
            try await fixture.insert("after")
            #expect(await fixture.database.health() == .ready)
        }
        #expect(try await Fixture.slugs(in: folder) == ["before", "after"])
    }

    @Test func `another file in the database's place is not taken for it`() async throws {
        let folder = try TemporaryFolder()
        try await open(folder) { fixture in
            try await fixture.insert("before")
            try FileManager.default.removeItem(atPath: fixture.options.path)
            try folder.write("", to: "martlet.db")
            await expectRefusal(fixture)
        }
        #expect(try fileSize(folder.file("martlet.db")) == 0)
    }

    @Test func `a directory that is moved away shows without a write, and so does its return`() async throws {
        let folder = try TemporaryFolder()
        try await open(folder) {
            $0.path = folder.file("data/martlet.db")
            $0.fileCheckPause = .milliseconds(5)
        } _: { fixture in
            try await fixture.insert("before")
            try FileManager.default.moveItem(atPath: folder.file("data"), toPath: folder.file("moved"))
            await eventually("not ready") { await fixture.database.health() != .ready }
            #expect(complaints == 1)
            try FileManager.default.moveItem(atPath: folder.file("moved"), toPath: folder.file("data"))
            await eventually("ready") { await fixture.database.health() == .ready }
        }
    }

    @Test(arguments: ["-wal", "-shm"])
    func `without its log, or the log's index, writes are refused until a restart`(_ suffix: String) async throws {
        let folder = try TemporaryFolder()
        try await open(folder) { fixture in
            try await fixture.insert("before")
            try FileManager.default.removeItem(atPath: fixture.options.path + suffix)
            await expectRefusal(fixture)
            try folder.write("", to: "martlet.db" + suffix)
            await expectRefusal(fixture)
            #expect(try await fixture.slugs() == ["before"])
            try FileManager.default.removeItem(atPath: fixture.options.path + suffix)
        }
        #expect(try await Fixture.slugs(in: folder) == ["before"])
    }

    @Test func `what was in a deleted log is saved to the database`() async throws {
        let folder = try TemporaryFolder()
        try await open(folder) {
            $0.fileCheckPause = .milliseconds(5)
        } _: { fixture in
            try await fixture.insert("before")
            try FileManager.default.removeItem(atPath: fixture.options.path + "-wal")
            await eventually("it is saved") {
                log.entries.contains { $0.message.description.contains("was saved to the database file") }
            }
            // A process that dies now leaves this.
            let copy = try TemporaryFolder()
            try FileManager.default.copyItem(atPath: fixture.options.path, toPath: copy.file("martlet.db"))
            #expect(try await Fixture.slugs(in: copy) == ["before"])
        }
    }

    @Test func `to a log that was truncated nothing is added, and the database stays whole`() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) { try await $0.insert("first") }
        try await open(folder) { fixture in
            try await fixture.insert("in the log")
            #expect(truncate(fixture.options.path + "-wal", 0) == 0)
            await expectRefusal(fixture)
            await expectRefusal(fixture)
        }
        #expect(try await Fixture.slugs(in: folder) == ["first"])
    }

    @Test(arguments: [0, 4096, -1])
    func `a database that is truncated or overwritten is told, and nothing is written to it`(_ size: Int)
        async throws
    {
        let folder = try TemporaryFolder()
        try await open(folder) { fixture in
            try await fixture.insert("before")
            // Not by opening it: this process would lose its locks.
            if size >= 0 {
                try #require(Glibc.truncate(fixture.options.path, size) == 0)
            } else {
                let run = Process()
                run.executableURL = URL(filePath: "/bin/dd")
                run.arguments = [
                    "if=/dev/urandom", "of=\(fixture.options.path)", "bs=4096", "count=2", "conv=notrunc",
                    "status=none",
                ]
                try run.run()
                run.waitUntilExit()
            }
            await expectRefusal(fixture)
            await expectRefusal(fixture)
        }
        // What was acknowledged is still in the log.
        let logSize = try fileSize(folder.file("martlet.db-wal")) ?? 0
        #expect(logSize > 0)
    }

    @Test func `a symbolic link that leads elsewhere is noticed, and so is its return`() async throws {
        let folder = try TemporaryFolder()
        let (path, manager) = (folder.path, FileManager.default)
        for name in ["one", "two"] {
            try manager.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        }
        func lead(to name: String) throws {
            try? manager.removeItem(atPath: folder.file("current"))
            try manager.createSymbolicLink(atPath: folder.file("current"), withDestinationPath: "\(path)/\(name)")
        }
        try lead(to: "one")
        try await open(folder) {
            $0.path = folder.file("current/martlet.db")
        } _: { fixture in
            try await fixture.insert("before")
            try lead(to: "two")
            await expectRefusal(fixture)
            try lead(to: "one")
            try await fixture.insert("after")
            #expect(await fixture.database.health() == .ready)
        }
    }

    @Test func `a log that another process has emptied is none that was truncated`() async throws {
        try await Fixture.open { fixture in
            // Enough for a checkpoint.
            try await insertNotes(100_000, into: fixture)
            let other = try Connection(.writer(.normal), path: fixture.options.path)
            await eventually("an empty log") {
                do throws(SQLiteError) { try other.execute("PRAGMA wal_checkpoint(TRUNCATE)") } catch { return false }
                return (try? fileSize(fixture.options.path + "-wal")) == 0
            }
            try await fixture.insert("after")
            #expect(await fixture.database.health() == .ready)
        }
    }

    @Test func `a second server is refused by another name of the file, also without the lock file`() async throws {
        try await Fixture.open { fixture in
            let link = fixture.folder.file("link.db")
            #expect(Glibc.link(fixture.options.path, link) == 0)
            try FileManager.default.removeItem(atPath: fixture.options.path + ".lock")
            for path in [link, fixture.options.path] {
                let second = SQLiteDatabase(.init(path: path))
                await #expect { try await second.prepare([Note.resource]) } throws: { error in
                    guard case .unavailable(let message) = error as? StorageError else { return false }
                    return message.contains("in use by another server")
                }
            }
            try await fixture.insert("undisturbed")
        }
    }
}
