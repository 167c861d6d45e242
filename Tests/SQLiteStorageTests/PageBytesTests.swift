import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// How many bytes a read takes, and where.
@Suite struct PageBytesTests {
    private let event = Event(resource: Event.resources[0])

    /// Events whose notes have so many bytes, in a database whose pool has no time.
    private func open(_ lengths: [Int], timeout: Duration, _ body: (Fixture) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try await Fixture.open(in: folder, [event.resource]) { fixture in
            try await fixture.insertEvents(0..<lengths.count, event)
            let outside = try Connection(.writer(.normal), path: fixture.options.path)
            for (index, length) in lengths.enumerated() {
                try outside.execute(
                    "UPDATE integer_events SET note = printf('%.*c', \(length), 'x') WHERE id = \(index + 1)")
            }
        }
        try await Fixture.open(in: folder, [event.resource], { $0.timeout = timeout }, body)
    }

    private func queries() throws -> [Query] {
        [
            Query(event.resource, .page(after: nil, limit: 1000)),
            Query(event.resource, .list(try event.list([], ["-name"], limit: 1000))),
            // A scan.
            Query(event.resource, .list(try event.list([], ["note"], limit: 1000))),
        ]
    }

    @Test func `a page ends with the row that passes its bytes, and has two`() async throws {
        try await open(Array(repeating: 10_000, count: 100), timeout: .seconds(60)) { fixture in
            for var query in try queries() {
                query.maxBytes = 100_000
                var rows = try await fixture.database.rows(for: query, .test)
                #expect(rows.byteCount > 100_000)
                rows.removeLastRow()
                #expect(rows.count == 9, "without the last row, whose bytes stay in the heap")
                query.maxBytes = 1
                #expect(try await fixture.database.rows(for: query, .test).count == 2)
                query.maxBytes = 2_000_000
                #expect(try await fixture.database.rows(for: query, .test).count == 100)
            }
        }
    }

    @Test func `what has many bytes is not read on its caller's thread`() async throws {
        try await open([300_000, 100_000, 100_000, 100_000], timeout: .zero) { (fixture) async throws in
            func read(_ selection: Query.Selection) async throws -> Int {
                try await fixture.database.rows(for: Query(event.resource, selection), .test).count
            }
            #expect(try await read(.key(.integer(2))) == 1)
            #expect(try await read(.page(after: .integer(1), limit: 2)) == 2)
            for selection in [Query.Selection.key(.integer(1)), .page(after: .integer(1), limit: 3)] {
                await #expect(throws: StorageError.deadlineExceeded) { _ = try await read(selection) }
            }
        }
    }

    @Test func `rows count in the server's budget while they are read`() async throws {
        try await open(Array(repeating: 100_000, count: 20), timeout: .seconds(60)) { fixture in
            for var query in try queries() {
                let budget = BufferBudget(limit: 1 << 20)
                query.reservation = BufferReservation(in: budget)
                let refused = query
                await #expect(throws: StorageError.overloaded) { try await fixture.database.rows(for: refused, .test) }
                #expect(budget.bytesInUse == 0)
                query.maxBytes = 500_000
                let rows = try await fixture.database.rows(for: query, .test)
                #expect(budget.bytesInUse >= rows.byteCount && budget.bytesInUse < rows.byteCount + 70_000)
            }
        }
    }
}
