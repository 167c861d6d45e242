import FaultyVFS
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// `timeout` is the deadline of writes, whatever the writer's thread waits for.
@Suite struct WriteTimeoutTests {
    private func failure(of insertion: () async throws -> Void) async -> StorageError? {
        do { try await insertion() } catch { return error as? StorageError }
        return nil
    }

    @Test func `while a sync hangs, its commit has an unknown outcome and later writes are not begun`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
            $0.timeout = .milliseconds(300)
        } _: { (fixture) async throws in
            disk.holdSyncs()
            let syncs = disk.count(FAULTY_LOG_SYNC)
            @Sendable func commit(_ slug: String) async throws -> CommitResult {
                let idempotency = Idempotency(scope: slug, fingerprint: 1)
                let transaction = Transaction([try Note.insertion(slug)], at: .epoch, idempotency: idempotency)
                return try await fixture.database.commit(transaction, .test)
            }
            async let first = failure { _ = try await commit("unknown") }
            await eventually("the sync") { disk.count(FAULTY_LOG_SYNC) > syncs }
            #expect(await failure { try await fixture.insert("refused") } == .deadlineExceeded)
            #expect(await failure { _ = try await commit("refused too") } == .deadlineExceeded)
            // The same again may have been done.
            let again = await failure { _ = try await commit("unknown") }
            guard case .outcomeUnknown = again else {
                disk.releaseSyncs()
                Issue.record("\(String(describing: again))")
                return
            }
            guard case .outcomeUnknown = await first else {
                disk.releaseSyncs()
                Issue.record("the first write has no unknown outcome")
                return
            }
            await eventually("not ready") { await fixture.database.health() != .ready }
            #expect(try await fixture.slugs() == [])
            disk.releaseSyncs()
            await eventually("ready") { await fixture.database.health() == .ready }
            #expect(try await fixture.slugs() == ["unknown"])
            guard case .replayed = try await commit("unknown") else {
                Issue.record("it is not known")
                return
            }
        }
    }

    @Test func `a sync that hangs keeps a stop no longer than its deadline`() async throws {
        let disk = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = disk.name
            $0.closeTimeout = .milliseconds(200)
            $0.timeout = .seconds(60)
        } _: { fixture in
            disk.holdSyncs()
            let syncs = disk.count(FAULTY_LOG_SYNC)
            async let first = failure { try await fixture.insert("begun") }
            await eventually("the sync") { disk.count(FAULTY_LOG_SYNC) > syncs }
            await fixture.database.close()
            // A thread still writes to it.
            let second = SQLiteDatabase(.init(path: fixture.options.path))
            await #expect {
                try await second.prepare([Note.resource])
            } throws: { error in
                if case StorageError.unavailable(let reason) = error { reason.contains("in use") } else { false }
            }
            disk.releaseSyncs()
            #expect(await first == nil)
        }
    }

    @Test func `a transaction that takes too long is undone, and the others of its batch are done`() async throws {
        let folder = try TemporaryFolder()
        let before = try await lastVersion(in: folder) { fixture in
            let many = try (0..<100_000).map { try Note.insertion("note-\($0)") }
            async let first = failure { _ = try await fixture.database.commit(Transaction(many, at: .epoch), .test) }
            #expect(await first == .deadlineExceeded)
            while await failure(of: { try await fixture.insert("after") }) != nil {}
            #expect(try await fixture.slugs() == ["after"])
            await eventually("ready") { await fixture.database.health() == .ready }
        }
        // What the undone transaction had reserved counts as given.
        let after = try await lastVersion(in: folder) { fixture in
            // On a busy machine another one may take too long as well.
            while await failure(of: { try await fixture.insert("last") }) != nil {}
        }
        #expect(after > before)
    }

    private func lastVersion(in folder: TemporaryFolder, after body: (Fixture) async throws -> Void) async throws
        -> Int64
    {
        var version: Int64 = 0
        try await Fixture.open(in: folder) {
            $0.timeout = .milliseconds(100)
        } _: { fixture in
            try await body(fixture)
            version = try fixture.outside().integer("SELECT max(_version) FROM notes")
        }
        return version
    }
}
