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

    @Test func `takes no more records than it has room for`() async throws {
        let shelf = Shelf(capacity: 1)
        try await shelf.prepare([Book.schema.resource])
        let book = try newBook(title: "Emma", isbn: "9780141439587", price: 999)
        let insert = Transaction(Mutation(Book.schema.resource, .insert(book)))
        _ = try await shelf.commit(insert)
        let other = try newBook(title: "Persuasion", isbn: "9780141439686", price: 899)
        await #expect(throws: StorageError.full) {
            try await shelf.commit(Transaction(Mutation(Book.schema.resource, .insert(other))))
        }
    }

    private func newBook(title: String, isbn: String, price: Int64) throws -> ValidatedRow {
        var row = RowBatch(width: Book.schema.resource.fields.count)
        row.append(.absent)
        row.append(title)
        row.append(isbn)
        row.append(.integer(price))
        return try ValidatedRow(row, Book.schema.resource, for: .create)
    }
}
