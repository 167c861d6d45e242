import MartletKernel
import MartletModel
import MartletTesting
import Synchronization
import Testing

@testable import SQLiteStorage

@Suite struct IdempotencyTests {
    private static let day = Idempotency.lifetime

    @Test func `each entry takes two old ones with it`() async throws {
        try await Fixture.open { fixture in
            for number in 0..<10 { try await insert(number, fixture, at: Int64(number)) }
            #expect(try entries(fixture) == 10)
            // Ten are old by now, and the oldest go first.
            try await insert(10, fixture, at: 2 * Self.day)
            #expect(try entries(fixture) == 9)
            #expect(try fixture.outside().integer("SELECT min(time) FROM martlet_idempotency") == 2)
            for number in 11..<15 { try await insert(number, fixture, at: 2 * Self.day) }
            #expect(try entries(fixture) == 5)
            try await insert(15, fixture, at: 2 * Self.day)
            #expect(try entries(fixture) == 6)
        }
    }

    @Test func `an entry that is a day old takes its place for a new one`() async throws {
        try await Fixture.open { fixture in
            try await insert(1, fixture, at: 0)
            try await insert(1, fixture, at: Self.day - 1, isReplayed: true)
            try await insert(1, fixture, at: Self.day, slug: "again")
            #expect(try entries(fixture) == 1)
            #expect(try await fixture.slugs() == ["1", "again"])
        }
    }

    @Test func `a refused transaction leaves no entry`() async throws {
        try await Fixture.open { fixture in
            try await fixture.insert("taken")
            let transaction = Transaction(
                [try Note.insertion("new"), try Note.insertion("TAKEN")], at: .epoch,
                idempotency: Idempotency(scope: "key", fingerprint: 1))
            #expect(
                try await fixture.database.commit(transaction, .test)
                    == .refused([Refusal(mutation: 1, .uniqueTaken([2]))]))
            #expect(try entries(fixture) == 0)
        }
    }

    @Test func `old entries go by themselves while nothing is written, some at a time`() async throws {
        let now = Mutex<Int64>(0)
        try await Fixture.open {
            $0.idlePause = .milliseconds(1)
            $0.purgePause = .milliseconds(1)
            $0.clock = WallClock { now.withLock { $0 } }
        } _: { fixture in
            for number in 0..<598 { try await insert(number, fixture, at: 0) }
            now.withLock { $0 = Self.day / 2 }
            for number in 598..<600 { try await insert(number, fixture, at: Self.day / 2) }
            // None is a day old yet.
            try await Task.sleep(for: .milliseconds(50))
            #expect(try entries(fixture) == 600)
            // An hour more, as those that come may have begun a little earlier.
            now.withLock { $0 = Self.day + 3_600_000_000 }
            await eventually("the last old entry's end") { (try? entries(fixture)) == 2 }
            #expect(try fixture.outside().integer("SELECT min(time) FROM martlet_idempotency") == Self.day / 2)
            #expect(try await fixture.slugs().count == 600)
        }
    }

    @Test func `entries age by the time of transactions, not by the clock of the machine`() async throws {
        try await Fixture.open {
            $0.purgePause = .milliseconds(1)
            $0.fileCheckPause = .milliseconds(1)
        } _: { fixture in
            // 1970 and 2100 or so: the one is long past to the machine, the other to come.
            for time in [0, 50_000 * Self.day] {
                try await insert(Int(time), fixture, at: time)
                try await Task.sleep(for: .milliseconds(50))
                try await insert(Int(time), fixture, at: time + 1, isReplayed: true)
            }
        }
    }

    @Test func `entries of a time when the clock was far ahead go too`() async throws {
        try await Fixture.open {
            $0.idlePause = .milliseconds(1)
            $0.purgePause = .milliseconds(1)
            $0.clock = WallClock { Self.day }
        } _: { fixture in
            for number in 0..<3 { try await insert(number, fixture, at: 3650 * Self.day) }
            try await insert(3, fixture, at: Self.day)
            await eventually("their end") { (try? entries(fixture)) == 1 }
            #expect(try fixture.outside().integer("SELECT time FROM martlet_idempotency") == Self.day)
        }
    }

    @Test func `what becomes of a transaction is found by its key, and the oldest entries without a search`()
        async throws
    {
        try await Fixture.open { fixture in
            let outside = try fixture.outside()
            let plan = try Statement(
                "EXPLAIN QUERY PLAN SELECT result FROM martlet_idempotency WHERE scope = ?1 AND time > ?2", on: outside)
            #expect(try plan.step())
            #expect(plan.text(3).hasPrefix("SEARCH"))
            let purge = try Statement(
                "EXPLAIN QUERY PLAN SELECT rowid FROM martlet_idempotency WHERE time <= ?1 OR time > ?2 LIMIT ?3",
                on: outside)
            while try purge.step() { #expect(!purge.text(3).hasPrefix("SCAN")) }
        }
    }

    private func insert(
        _ number: Int, _ fixture: Fixture, at time: Int64, slug: String? = nil, isReplayed: Bool = false
    ) async throws {
        let transaction = Transaction(
            [try Note.insertion(slug ?? "\(number)")], at: Timestamp(clamping: time),
            idempotency: Idempotency(scope: "key \(number)", fingerprint: 1))
        switch try await fixture.database.commit(transaction, .test) {
        case .committed where !isReplayed, .replayed where isReplayed: break
        case let other: throw Fixture.Unexpected(what: "\(other)")
        }
    }

    private func entries(_ fixture: Fixture) throws -> Int64 {
        try fixture.outside().integer("SELECT count(*) FROM martlet_idempotency")
    }
}
