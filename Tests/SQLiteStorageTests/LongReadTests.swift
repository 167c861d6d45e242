import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// Reads that no index bounds.
@Suite struct LongReadTests {
    private let event = Event(resource: Event.resources[0])

    @Test func `they are never done on their caller's thread`() async throws {
        // No time for the pool: who is answered was so without it.
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder, [event.resource]) { try await $0.insertEvents(0..<3, event) }
        try await Fixture.open(in: folder, [event.resource]) {
            $0.timeout = .zero
        } _: { fixture in
            let unbounded = [
                Query(event.resource, .list(try event.list([], ["note"]))), Query(event.resource, .count(.all)),
                Query(event.resource, .list(try event.list([("note", .equal, "n1")]))),
            ]
            for query in unbounded {
                await #expect(throws: StorageError.deadlineExceeded) {
                    try await fixture.database.rows(for: query, .test)
                }
            }
            let bounded = Query(event.resource, .list(try event.list([], ["-name"])))
            #expect(try await fixture.database.rows(for: bounded, .test).count == 3)
            let one = try event.list([("email", .equal, "Person1@x.org")])
            #expect(try await fixture.database.rows(for: Query(event.resource, .count(one.filter)), .test) == .count(1))
        }
    }

    @Test func `one that looks at many rows is told, with how many`() async throws {
        let log = InMemoryLogHandler()
        try await Fixture.open([event.resource], logger: Logger(label: "test") { _ in log }) {
            $0.slowScanRows = 99
        } _: { fixture in
            try await fixture.insertEvents(0..<200, event)
            func rows(_ filters: [(String, FilterOperator, String)], _ sort: [String] = []) async throws -> String? {
                let before = log.entries.count
                let list = try event.list(filters, sort, limit: 300)
                _ = try await fixture.database.rows(
                    for: Query(event.resource, .list(list), origin: "GET /events"), .test)
                let line = log.entries.dropFirst(before).first
                guard let line else { return nil }
                #expect(line.level == .warning && line.message == "a read has looked at many rows")
                #expect(line.metadata["route"] == "GET /events" && line.metadata["resource"] == "integer_events")
                #expect(line.metadata["milliseconds"] != nil)
                return line.metadata["rows"]?.description
            }
            // A scan, and one that only sorts.
            #expect(try await rows([("note", .equal, "n1")]) == "200")
            #expect(try await rows([], ["note"]) == "200")
            // What an index leaves, and then isn't enough to be told.
            #expect(try await rows([("status", .equal, "open"), ("note", .equal, "n1")]) == "100")
            #expect(try await rows([("name", .equal, "ada"), ("note", .equal, "n1")]) == nil)
            _ = try await fixture.database.rows(for: Query(event.resource, .count(.all)), .test)
            #expect(log.entries.last?.metadata["rows"]?.description == "200")
            #expect(log.entries.last?.metadata["route"] == "?")
        }
    }

    @Test func `one that its deadline ends is told`() async throws {
        let log = InMemoryLogHandler()
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder, [event.resource]) { try await $0.insertEvents(0..<20_000, event) }
        try await Fixture.open(in: folder, [event.resource], logger: Logger(label: "test") { _ in log }) {
            $0.timeout = .milliseconds(20)
        } _: { fixture in
            // A million comparisons.
            let term = try event.list([("note", .like, "*q*q*")]).filter.clauses[0][0]
            let list = Query.List(Filter([Array(repeating: term, count: 50)]), order: [SortTerm(0)], limit: 1)
            // It may not even have begun: then nothing is told.
            while !log.entries.contains(where: { $0.level == .warning }) {
                await #expect(throws: StorageError.deadlineExceeded) {
                    try await fixture.database.rows(for: Query(event.resource, .list(list)), .test)
                }
            }
            #expect(log.entries.first { $0.level == .warning }?.message == "a read was ended by its deadline")
        }
    }
}
