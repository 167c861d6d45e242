import Logging
import MartletKernel
import MartletModel
import MartletSQL
import MartletTesting
import Testing

@testable import PostgresStorage

/// Lists of ever other shapes.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct ListStatementTests {
    private static let counting = Statement(
        id: 0, sql: "SELECT count(*), count(DISTINCT statement) FROM pg_prepared_statements", types: [])
    private static let failing = Statement(
        id: 1, sql: "SELECT id FROM notes WHERE id < $1", types: [ObjectID.bigint])
    private static let ids = ListStatements.bound + 2
    private let notes: ResourceSchema
    private let fixture: Fixture

    init() async throws {
        notes = try Fixture.notes()
        fixture = try await Fixture()
    }

    @Test func `as many are prepared as there are places, whatever fails in between`() async throws {
        try await fixture.open([notes])
        try await fixture.fill(500)
        try await onConnection { connection in
            var lists = ListStatements(firstID: 2)
            var skipped = 0
            for round in 0..<100 {
                let limits = (1...10).map { round * 4 % 400 + $0 }
                // With what fails all behind it is left out, preparations and their removal as well.
                let failure = round % 3 == 1 ? round % 10 : nil
                let counts = await read(limits, failingAt: failure, &lists, connection)
                skipped += counts.count { $0 == nil }
                if failure == nil { #expect(counts == limits) }
                try await checkCount(on: connection)
            }
            #expect(skipped > 100)
        }
    }

    /// - Returns: how many rows each list has had.
    private func read(
        _ limits: [Int], failingAt failure: Int?, _ lists: inout ListStatements, _ connection: Connection
    ) async -> [Int?] {
        let exchange = Exchange(on: connection)
        for (place, limit) in limits.enumerated() {
            if place == failure {
                var parameters = Parameters()
                parameters.append("not eight bytes")
                exchange.add(Self.failing, parameters, returning: [.integer])
            }
            let list = Query.List(order: notes.totalOrder([]), limit: limit, columns: [0])
            let query = SQLQuery(list, of: notes, ordinal: 0, .postgres)
            exchange.add(lists.entry(for: query).statement, returning: [.integer])
        }
        return await exchange.results().map { $0.rows?.count }
    }

    private func checkCount(on connection: Connection) async throws {
        let exchange = Exchange(on: connection)
        exchange.add(Self.counting, returning: [.integer, .integer])
        let counts = try #require(await exchange.results().first?.rows)
        let prepared = try #require(counts[0, 0].integer)
        #expect(prepared <= Int64(Self.ids) && prepared == counts[0, 1].integer)
    }

    private func onConnection(_ body: @escaping @Sendable (Connection) async throws -> Void) async throws {
        let thread = try EventThread()
        try thread.start()
        let session = SessionSettings(synchronousCommit: .on, timeout: .seconds(60))
        let address = try #require(ConnectionAddress(fixture.address.url))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await Task(executorPreference: thread) {
            let abandoned = AbandonedBackends(logger, thread, Availability(logger))
            let connector = Connector(address, session, ids: Self.ids, thread, abandoned)
            let connection = try await connector.open(for: .others)
            try await body(connection)
            connection.lose()
            connector.close()
        }.value
        await thread.close()
    }
}
