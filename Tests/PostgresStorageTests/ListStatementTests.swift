import MartletKernel
import MartletModel
import MartletSQL
import MartletTesting
import Testing

@testable import PostgresStorage

/// Lists of ever other shapes.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct ListStatementTests {
    @Test func `as many are prepared as there are places, whatever fails in between`() async throws {
        let fixture = try await Fixture()
        let notes = try Fixture.notes()
        try await fixture.open([notes])
        try await fixture.fill(500)
        let thread = try EventThread()
        try thread.start()
        let session = SessionSettings(synchronousCommit: .on, timeout: .seconds(60))
        let ids = ListStatements.bound + 2
        let connector = Connector(
            try #require(ConnectionAddress(fixture.address.url)), session, ids: ids, thread)
        try await Task(executorPreference: thread) {
            let connection = try await connector.open(for: .others)
            var lists = ListStatements(firstID: 2)
            let count = Statement(
                id: 0, sql: "SELECT count(*), count(DISTINCT statement) FROM pg_prepared_statements", types: [])
            let failure = Statement(id: 1, sql: "SELECT 1 / id FROM notes WHERE id < $1", types: [ObjectID.bigint])
            var skipped = 0
            for round in 0..<100 {
                let exchange = Exchange(on: connection)
                for number in 1...10 {
                    if round % 3 == 1, number == round % 10 {
                        var parameters = Parameters()
                        parameters.append("not eight bytes")
                        exchange.add(failure, parameters, returning: [.integer])
                    }
                    let list = Query.List(order: notes.totalOrder([]), limit: round * 4 % 400 + number, columns: [0])
                    let query = SQLQuery(list, of: notes, ordinal: 0, .postgres)
                    exchange.add(lists.entry(for: query).statement, returning: [.integer])
                }
                let results = await exchange.results()
                let rows = results.map { $0.rows?.count }
                skipped += rows.count { $0 == nil }
                if round % 3 != 1 { #expect(rows == (1...10).map { round * 4 % 400 + $0 }) }
                guard round % 10 == 9 else { continue }
                let counting = Exchange(on: connection)
                counting.add(count, returning: [.integer, .integer])
                let counts = try #require(await counting.results().first?.rows)
                let prepared = try #require(counts[0, 0].integer)
                #expect(prepared <= Int64(ids) && prepared == counts[0, 1].integer)
            }
            #expect(skipped > 100)
            connection.lose()
        }.value
        connector.close()
        await thread.close()
    }
}
