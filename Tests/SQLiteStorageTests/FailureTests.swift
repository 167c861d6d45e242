import FaultyVFS
import Foundation
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

@Suite struct FailureTests {
    @Test func `what is longer than SQLite takes is refused, as what can't be stored`() throws {
        let connection = try Connection.inMemory()
        do throws(SQLiteError) {
            _ = try connection.integer("SELECT zeroblob(2000000000)")
            Issue.record("SQLite takes 2 GB")
        } catch {
            #expect(StorageError(error) == .rejected("a record has more bytes than SQLite takes"))
        }
    }

    @Test func `a full disk refuses writes, not reads, and is written to again when it has room`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
        } _: { fixture in
            try await fixture.insert("before")
            #expect(await fixture.database.health() == .ready)
            disk.fail(FAULTY_LOG_WRITE, FaultyDisk.Code.full)
            for _ in 0..<3 {
                await #expect(throws: StorageError.full) { try await fixture.insert("lost") }
            }
            #expect(await fixture.database.health() != .ready)
            #expect(try await fixture.slugs() == ["before"])
            disk.repair(FAULTY_LOG_WRITE)
            #expect(try await fixture.insert("after").id == 2)
            #expect(await fixture.database.health() == .ready)
            #expect(try await fixture.slugs() == ["before", "after"])
            #expect(try fixture.outside().text("PRAGMA integrity_check") == "ok")
        }
    }

    @Test func `a start and a plan on a full disk say that no space is left`() async throws {
        let disk = try FaultyDisk()
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) { try await $0.insert("a") }
        disk.fail(FAULTY_INDEX_MAP, FaultyDisk.Code.indexSizeError)
        var options = SQLiteDatabase.Options(path: folder.file("martlet.db"))
        options.vfs = disk.name
        let database = SQLiteDatabase(options)
        for open in [database.prepare, { _ = try await database.migrate(to: $0, .plan) }] {
            await #expect {
                try await open([Note.resource])
            } throws: { error in
                guard case .unusable(let text) = error as? StorageError else { return false }
                return text.hasSuffix("martlet.db: disk I/O error: No space left on device")
            }
        }
        disk.repair(FAULTY_INDEX_MAP)
        #expect(try await Fixture.slugs(in: folder) == ["a"])
    }

    @Test func `a failed sync refuses the whole batch, and the next write goes through`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
        } _: { fixture in
            try await fixture.insert("before")
            disk.fail(FAULTY_LOG_SYNC, FaultyDisk.Code.syncError)
            await #expect { try await fixture.insert("lost") } throws: { isUnavailable($0) }
            #expect(try await fixture.slugs() == ["before"])
            #expect(await fixture.database.health() != .ready)
            disk.repair(FAULTY_LOG_SYNC)
            try await fixture.insert("after")
            #expect(await fixture.database.health() == .ready)
            #expect(try await fixture.slugs() == ["before", "after"])
        }
    }

    @Test func `after a failure nothing is written before there is another connection`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
        } _: { fixture in
            try await fixture.insert("before")
            let opened = disk.count(FAULTY_DATABASE_OPEN)
            disk.fail(FAULTY_LOG_WRITE, FaultyDisk.Code.writeError)
            disk.fail(FAULTY_DATABASE_OPEN, FaultyDisk.Code.cannotOpen)
            await #expect { try await fixture.insert("lost") } throws: { isUnavailable($0) }
            // Once at the failure, and once a second from then on.
            let reopened = disk.count(FAULTY_DATABASE_OPEN)
            #expect(reopened > opened)
            // The disk is well again, but the connection that saw it fail is used no more.
            disk.repair(FAULTY_LOG_WRITE)
            await #expect { try await fixture.insert("lost") } throws: { isUnavailable($0) }
            #expect(disk.count(FAULTY_DATABASE_OPEN) > reopened)
            #expect(try await fixture.slugs() == ["before"])
            disk.repair(FAULTY_DATABASE_OPEN)
            try await fixture.insert("after")
            #expect(await fixture.database.health() == .ready)
            #expect(try await fixture.slugs() == ["before", "after"])
        }
    }

    @Test func `the disk's recovery shows without a write`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
        } _: { fixture in
            disk.fail(FAULTY_LOG_SYNC, FaultyDisk.Code.syncError)
            await #expect { try await fixture.insert("lost") } throws: { isUnavailable($0) }
            disk.repair(FAULTY_LOG_SYNC)
            await eventually("readiness") { await fixture.database.health() == .ready }
        }
    }

    /// What a process that dies leaves behind: the files, without the index that says what counts.
    private func slugsAfterCrash(of fixture: Fixture) async throws -> [String] {
        let folder = try TemporaryFolder()
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: fixture.options.path + suffix, toPath: folder.file("martlet.db" + suffix))
        }
        return try await Fixture.slugs(in: folder)
    }

    @Test func `a commit whose sync failed stays undone when the process dies thereafter`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
        } _: { fixture in
            try await fixture.insert("before")
            disk.fail(FAULTY_LOG_SYNC, FaultyDisk.Code.syncError)
            await #expect { try await fixture.insert("lost") } throws: { isUnavailable($0) }
            #expect(try await slugsAfterCrash(of: fixture) == ["before"])
        }
    }

    @Test func `a commit that can be neither finished nor undone has an unknown outcome`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
        } _: { fixture in
            try await fixture.insert("before")
            disk.fail(FAULTY_LOG_SYNC, FaultyDisk.Code.syncError)
            disk.holdSyncs()
            let syncs = disk.count(FAULTY_LOG_SYNC)
            async let answer = fixture.insert("lost")
            await eventually("the sync") { disk.count(FAULTY_LOG_SYNC) > syncs }
            // The pages are written; from here on nothing more will be.
            disk.fail(FAULTY_LOG_WRITE, FaultyDisk.Code.writeError)
            disk.releaseSyncs()
            do {
                _ = try await answer
                Issue.record("the commit was acknowledged")
            } catch {
                guard case .outcomeUnknown = error as? StorageError else { throw error }
            }
            // Which is the truth: a process that dies now has made it.
            #expect(try await slugsAfterCrash(of: fixture) == ["before", "lost"])
            #expect(try await fixture.slugs() == ["before"])
        }
    }

    @Test(arguments: [FAULTY_DATABASE_WRITE, FAULTY_DATABASE_SYNC])
    func `a failed checkpoint loses nothing and is made again`(_ call: faulty_call) async throws {
        let disk = try FaultyDisk()
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) {
            $0.vfs = disk.name
            $0.idlePause = .milliseconds(1)
        } _: { fixture in
            disk.fail(call, FaultyDisk.Code.ioError)
            try await fixture.insert("small")
            // The log is emptied when there is nothing to do.
            await eventually("a failed checkpoint") { await fixture.database.health() != .ready }
            #expect(try await fixture.slugs() == ["small"])
            disk.repair(call)
            await eventually("readiness") { await fixture.database.health() == .ready }
            try await fixture.insert("after")
            #expect(try await fixture.slugs() == ["small", "after"])
            #expect(try fixture.outside().text("PRAGMA integrity_check") == "ok")
        }
        #expect(try await Fixture.slugs(in: folder) == ["small", "after"])
    }

    @Test func `another process that writes makes writes wait, and then unavailable`() async throws {
        try await Fixture.open { fixture in
            let other = try Connection(.writer(.normal), path: fixture.options.path)
            try other.execute("BEGIN IMMEDIATE")
            await #expect(throws: StorageError.timedOut(waitingFor: "a lock that another transaction holds")) {
                try await fixture.insert("lost")
            }
            #expect(try await fixture.slugs() == [])
            try other.execute("ROLLBACK")
            try await fixture.insert("after")
            // Nothing was wrong with the disk.
            #expect(await fixture.database.health() == .ready)
        }
    }
}
