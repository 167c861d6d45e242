import FaultyVFS
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

@Suite struct WritingTests {
    @Test func `transactions that wait together share one sync of the disk`() async throws {
        let vfs = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = vfs.name
        } _: { fixture in
            try await fixture.insert("before")
            let before = vfs.count(FAULTY_LOG_SYNC)
            vfs.holdSyncs()
            try await withThrowingTaskGroup { group in
                // The first one holds the writer in its sync, until all others wait.
                group.addTask { try await fixture.insert("first") }
                await eventually("the first sync") { vfs.count(FAULTY_LOG_SYNC) > before }
                for index in 0..<200 { group.addTask { try await fixture.insert("other-\(index)") } }
                await eventually("200 that wait") { fixture.database.waitingTransactions == 200 }
                vfs.releaseSyncs()
                try await group.waitForAll()
            }
            #expect(vfs.count(FAULTY_LOG_SYNC) == before + 2)
            #expect(try await fixture.slugs().count == 202)
        }
    }

    @Test func `a refused transaction does its neighbours in the batch no harm`() async throws {
        let vfs = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = vfs.name
        } _: { fixture in
            try await fixture.insert("taken")
            let before = vfs.count(FAULTY_LOG_SYNC)
            vfs.holdSyncs()
            let refused = try await withThrowingTaskGroup(of: CommitResult.self) { group in
                group.addTask { try await fixture.commit(Note.insertion("first")) }
                await eventually("the first sync") { vfs.count(FAULTY_LOG_SYNC) > before }
                for index in 0..<20 {
                    group.addTask { try await fixture.commit(Note.insertion("good-\(index)")) }
                    // Its first mutation is done, and has to be undone.
                    group.addTask {
                        try await fixture.commit(Note.insertion("half-\(index)"), Note.insertion("TAKEN"))
                    }
                }
                await eventually("40 that wait") { fixture.database.waitingTransactions == 40 }
                vfs.releaseSyncs()
                return try await group.reduce(into: [Refusal]()) { refusals, result in
                    if case .refused(let refused) = result { refusals += refused }
                }
            }
            #expect(vfs.count(FAULTY_LOG_SYNC) == before + 2, "they were no batch")
            #expect(refused == Array(repeating: Refusal(mutation: 1, .uniqueTaken([2])), count: 20))
            let slugs = try await fixture.slugs()
            #expect(Set(slugs) == Set(["taken", "first"] + (0..<20).map { "good-\($0)" }))
            #expect(slugs.count == 22)
        }
    }

    @Test func `what comes while a batch runs is answered each with its own`() async throws {
        try await Fixture.open {
            // One that is lost is answered with an error then.
            $0.timeout = .seconds(60)
        } _: { fixture in
            for round in 0..<40 {
                try await withThrowingTaskGroup { group in
                    // It takes the writer some milliseconds, in which the others come.
                    group.addTask {
                        let many = try (0..<20).map { try Note.insertion("many-\(round)-\($0)") }
                        let result = try await fixture.database.commit(Transaction(many, at: .epoch), .test)
                        guard case .committed(let written) = result else { throw Fixture.Unexpected(what: "\(result)") }
                        #expect(written.count == 20)
                    }
                    for index in 0..<20 {
                        group.addTask {
                            let slug = "one-\(round)-\(index)"
                            let note = try await fixture.insert(slug)
                            #expect(note.slug == slug)
                        }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try fixture.outside().integer("SELECT count(*) FROM notes") == 1600)
        }
    }

    @Test func `of a hundred writers of one value one wins`() async throws {
        try await Fixture.open { fixture in
            let results = try await withThrowingTaskGroup(of: CommitResult.self) { group in
                for index in 0..<100 {
                    group.addTask {
                        try await fixture.commit(Note.insertion(index % 2 == 0 ? "ada@example.org" : "ADA@example.org"))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let refused = results.filter { $0 == .refused([Refusal(mutation: 0, .uniqueTaken([2]))]) }
            #expect(refused.count == 99)
            #expect(try await fixture.notes().count == 1)
        }
    }

    @Test func `every taken field is named, also when a record of the same transaction has it`() async throws {
        try await Fixture.open { fixture in
            try await fixture.insert("a", place: 1)
            let taken = try await fixture.commit(Note.insertion("b"), Note.insertion("B", place: 1))
            #expect(taken == .refused([Refusal(mutation: 1, .uniqueTaken([2, 3]))]))
            #expect(try await fixture.slugs() == ["a"])
        }
    }

    @Test func `an update that sets nothing returns the record`() async throws {
        try await Fixture.open { fixture in
            let note = try await fixture.insert("a", place: 7)
            let update = Mutation(Note.resource, .update(.integer(note.id), try Note.row(for: .patch)))
            guard case .committed(let written) = try await fixture.commit(update) else {
                throw Fixture.Unexpected(what: "a refusal")
            }
            #expect(try Note.schema.record(0, of: written[0].record) == note)
            let missing = Mutation(Note.resource, .update(.integer(note.id + 1), try Note.row(for: .patch)))
            #expect(try await fixture.commit(missing) == .refused([Refusal(mutation: 0, .notFound)]))
        }
    }

    @Test func `more sets of fields than statements are kept all work`() async throws {
        // 2^6 - 1 sets.
        let names = ["a", "b", "c", "d", "e", "f"]
        let fields =
            [try FieldSchema("id", .integer, [.key(.generated)])] + (try names.map { try FieldSchema($0, .integer) })
        let wide = try ResourceSchema("wide", fields)
        let folder = try TemporaryFolder()
        let database = SQLiteDatabase(.init(path: folder.file("martlet.db")))
        try await database.prepare([wide])
        var row = RowBatch(width: wide.width)
        row.appendAbsentRow()
        for column in 1...6 { row.set(row: 0, column: column, to: .integer(0)) }
        let insertion = try Mutation(wide, .insert(ValidatedRow(row, wide, for: .create)))
        _ = try await database.commit(Transaction([insertion], at: .epoch), .test)
        var expected = Array(repeating: Int64(0), count: 6)
        for set in 1..<64 {
            var patch = RowBatch(width: wide.width)
            patch.appendAbsentRow()
            for column in 0..<6 where set >> column & 1 == 1 {
                patch.set(row: 0, column: column + 1, to: .integer(Int64(set)))
                expected[column] = Int64(set)
            }
            let update = try Mutation(wide, .update(.integer(1), ValidatedRow(patch, wide, for: .patch)))
            guard case .committed(let written) = try await database.commit(Transaction([update], at: .epoch), .test)
            else {
                throw Fixture.Unexpected(what: "a refusal")
            }
            #expect((1...6).map { written[0].record[0, $0].integer ?? -1 } == expected)
        }
        await database.close()
    }

    @Test func `a write beyond the queue's bound is refused, and those in it are done`() async throws {
        let vfs = try FaultyDisk()
        try await Fixture.open {
            $0.vfs = vfs.name
            $0.queue = 3
        } _: { fixture in
            let before = vfs.count(FAULTY_LOG_SYNC)
            vfs.holdSyncs()
            try await withThrowingTaskGroup { group in
                group.addTask { try await fixture.insert("first") }
                await eventually("the first sync") { vfs.count(FAULTY_LOG_SYNC) > before }
                for index in 0..<3 { group.addTask { try await fixture.insert("waits-\(index)") } }
                await eventually("a full queue") { fixture.database.waitingTransactions == 3 }
                await #expect(throws: StorageError.overloaded) { try await fixture.insert("too much") }
                vfs.releaseSyncs()
                try await group.waitForAll()
            }
            #expect(try await fixture.notes().count == 4)
        }
    }

    @Test func `a schema that was not prepared is a bug, and harms nobody`() async throws {
        try await Fixture.open { fixture in
            let stranger = try ResourceSchema("notes", Note.resource.fields)
            let mutation = try Mutation(stranger, .insert(Note.row(title: "t", slug: "s")))
            await #expect { try await fixture.commit(mutation) } throws: { isInternal($0) }
            await #expect { try await fixture.database.rows(for: Query(stranger, .key(.integer(1))), .test) } throws: {
                isInternal($0)
            }
            try await fixture.insert("good")
        }
    }

    @Test func `close answers what waits, and refuses what comes after`() async throws {
        let vfs = try FaultyDisk()
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder) {
            $0.vfs = vfs.name
        } _: { fixture in
            let before = vfs.count(FAULTY_LOG_SYNC)
            vfs.holdSyncs()
            try await withThrowingTaskGroup { group in
                group.addTask { try await fixture.insert("first") }
                await eventually("the first sync") { vfs.count(FAULTY_LOG_SYNC) > before }
                group.addTask { try await fixture.insert("second") }
                await eventually("one that waits") { fixture.database.waitingTransactions == 1 }
                async let closed: Void = fixture.database.close()
                vfs.releaseSyncs()
                try await group.waitForAll()
                await closed
            }
            await #expect { try await fixture.insert("late") } throws: { isUnavailable($0) }
            await #expect { try await fixture.notes() } throws: { isUnavailable($0) }
        }
        #expect(try await Fixture.slugs(in: folder) == ["first", "second"])
    }
}

func isInternal(_ error: any Error) -> Bool {
    if case .internal = error as? StorageError { true } else { false }
}

func isOutdated(_ error: any Error) -> Bool {
    if case .outdated = error as? StorageError { true } else { false }
}

func isUnavailable(_ error: any Error) -> Bool {
    if case .unavailable = error as? StorageError { true } else { false }
}
