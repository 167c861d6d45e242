import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

@Suite struct ReadingTests {
    /// With no time for the pool, an answer shows that the read was done where it was called.
    @Test func `a short read needs no thread of the pool, however often it is done`() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) { try await $0.insert("a") }
        try await Fixture.open(in: folder) {
            $0.timeout = .zero
            $0.readBudget = 1000
        } _: { fixture in
            let note = try await fixture.notes()[0]
            // The budget is each read's own: it isn't used up.
            for _ in 0..<2000 {
                let rows = try await fixture.database.rows(for: Query(Note.resource, .key(.integer(note.id))), .test)
                #expect(rows.count == 1)
            }
        }
    }

    @Test func `a read beyond the budget moves to the pool, with the right answer`() async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) {
            $0.readBudget = 1000
        } _: { fixture in
            try await insertNotes(1000, into: fixture)
            #expect(try await fixture.slugs() == (0..<1000).map { "note-\($0)" })
        }
        try await Fixture.open(in: folder) {
            $0.readBudget = 1000
            $0.timeout = .zero
        } _: { fixture in
            await #expect(throws: StorageError.deadlineExceeded) { try await fixture.slugs() }
        }
    }

    @Test func `many long reads at once are all answered`() async throws {
        try await Fixture.open {
            $0.readBudget = 1
            $0.readers = 1
        } _: { fixture in
            try await insertNotes(300, into: fixture)
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        let notes = try await fixture.notes()
                        #expect(notes.count == 300)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a read that has begun ends at its deadline`() async throws {
        try await Fixture.open { fixture in
            try await insertNotes(5000, into: fixture)
            let catalog = Catalog([Note.resource])
            let reader = try Reader(
                slot: 0, path: fixture.options.path, vfs: nil, catalog: catalog,
                schema: SchemaSnapshot(catalog, on: fixture.outside()), limit: .deadline(ReadCancellation()))
            let query = Query(Note.resource, .page(after: nil, limit: 5000))
            // As the pool does. No `await` follows, so the thread stays the same.
            _ = reader.borrower.claim()
            reader.giveUp(at: .now)
            let error = #expect(throws: SQLiteError.self) { try reader.rows(for: query) }
            #expect(error?.isInterruption == true)
            // The statement was reset: it can be used again, and holds no checkpoint back.
            reader.giveUp(at: .now + .seconds(60))
            #expect(try reader.rows(for: query).count == 5000)
        }
    }

    @Test func `a limit below one reads nothing`() async throws {
        try await Fixture.open { fixture in
            try await fixture.insert("a")
            #expect(try await fixture.notes(limit: 0).isEmpty)
            #expect(try await fixture.notes(limit: -1).isEmpty)
        }
    }

    @Test func `the pool lends each reader once, and no more than its bound`() async throws {
        try await Fixture.open { fixture in
            let pool = ReaderPool(bound: 2)
            let (path, catalog) = (fixture.options.path, Catalog([Note.resource]))
            let schema = try SchemaSnapshot(catalog, on: fixture.outside())
            try pool.start { slot throws(SQLiteError) in
                try Reader(
                    slot: slot, path: path, vfs: nil, catalog: catalog, schema: schema,
                    limit: .deadline(ReadCancellation()))
            }
            let first = try #require(try pool.take())
            let second = try #require(try pool.take())
            #expect(first !== second)
            #expect(try pool.take() == nil)
            pool.giveBack(first, isBroken: true)
            let third = try #require(try pool.take())
            #expect(third !== first)
            #expect(third.slot == first.slot)
            #expect(pool.waitForPresentReads(atMost: .zero) == false)
            pool.giveBack(second)
            pool.giveBack(third)
            #expect(pool.waitForPresentReads(atMost: .zero))
            #expect(try pool.take() === third)
            async let closed = pool.close(until: .now + .seconds(60))
            // After a wait the test may go on on another thread.
            _ = third.borrower.release()
            await eventually("closing") {
                // Until then the other reader is lent.
                (try? pool.take()).map { pool.giveBack($0) } == nil
            }
            _ = third.borrower.claim()
            pool.giveBack(third)
            #expect(await closed)
        }
    }

    @Test func `the log is emptied in spite of steady reads`() async throws {
        try await Fixture.open {
            $0.synchronous = .normal
        } _: { fixture in
            try await withThrowingTaskGroup { group in
                group.addTask {
                    while !Task.isCancelled {
                        _ = try await fixture.notes(limit: 50)
                        // A short read doesn't suspend.
                        await Task.yield()
                    }
                }
                // 60 MiB of pages, 15 times what makes a checkpoint due.
                for index in 0..<60 {
                    let mutations = try (0..<250).map { try Note.insertion("\($0)-of-\(index)", title: "t") }
                    _ = try await fixture.database.commit(Transaction(mutations, at: .epoch), .test)
                    _ = try await fixture.commit(Note.insertion("one-of-\(index)"))
                }
                group.cancelAll()
            }
            let size = try #require(try fileSize(fixture.options.path + "-wal"))
            #expect(size < 30 << 20)
        }
    }
}
