import BookshopModel
import BookshopPlugins
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@Suite struct ShelfTests {
    @Test(arguments: StorageContract.clauses)
    func `keeps the contract of storages`(_ clause: StorageContract.Clause) async throws {
        try await clause.check { Shelf(capacity: 100_000) }
    }

    /// What no clause thought of.
    @Test func `answers random operations as the reference does`() async throws {
        let seed = TestSeed.forRun(of: "random operations on the shelf")
        try await RandomOperations(seed: seed, count: 3_000).compare { Shelf(capacity: 100_000) }
    }

    @Test func `takes no more records than it has room for`() async throws {
        let shelf = Shelf(capacity: 1)
        try await shelf.prepare([Book.schema.resource])
        _ = try await shelf.commit(sale("Emma", isbn: "9780141439587"), .test)
        let other = try sale("Persuasion", isbn: "9780141439686")
        await #expect(throws: StorageError.full) { try await shelf.commit(other, .test) }
        let left = try await shelf.rows(for: Query(Book.schema.resource, .page(after: nil, limit: 10)), .test)
        #expect(left.count == 1)
    }

    private func sale(_ title: String, isbn: String) throws -> Transaction {
        var row = RowBatch(width: Book.schema.resource.width)
        row.appendAbsentRow()
        row.set(row: 0, column: 1, to: title)
        row.set(row: 0, column: 2, to: isbn)
        row.set(row: 0, column: 3, to: .integer(999))
        let book = try ValidatedRow(row, Book.schema.resource, for: .create)
        return Transaction([Mutation(Book.schema.resource, .insert(book))], at: .epoch)
    }
}
