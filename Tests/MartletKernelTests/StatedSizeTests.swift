import MartletTesting
import Testing

@testable import MartletKernel
@testable import MartletModel

/// Sizes near 4 GiB and far beyond, without the memory for them: cells state how long their values are, and have none. What is
/// counted must be refused before anything reads it.
@Suite struct StatedSizeTests {
    private static let longest = Int(UInt32.max)

    @Test func `sizes of rows are summed beyond 32 bits`() {
        var rows = RowBatch(width: 3)
        for _ in 0..<1000 { rows.appendRow(stating: UInt32.max) }
        #expect(rows.valueByteCount == 3000 * (16 + Self.longest))
        #expect(rows.byteCount(ofRow: 999) == 3 * (16 + Self.longest))
        #expect(rows.byteCount == 3000 * 16)
    }

    @Test func `a page of such records ends after the first, with what it embeds and without`() async throws {
        let library = try await Library()
        try await library.add(Publisher(id: 0, name: "P", parent: nil))
        try await library.add(Author(id: "a", name: "A", publisher: 1))
        for title in ["a", "b", "c"] { try await library.add(Book(title, by: "a")) }
        let storage = StatingStorage(library.storage)
        let application = Application(resources: Array(library.application.resources.values), storage: storage)
        for path in ["author", "author.publisher"] {
            var (after, counts) = (RowBatch?.none, [Int]())
            repeat {
                var request = ListRequest(Book.schema.resource, limit: 10)
                (request.after, request.expansions) = (after, try application.expansions(path, of: request.resource))
                let page = try await application.list(request, .test)
                counts.append(page.rows.count)
                let size = page.embedded.first?.byteCount(for: page.rows[0, 2], of: page.rows) ?? 0
                #expect(size > Self.longest * (path == "author" ? 1 : 2), "\(path)")
                after = page.next
            } while after != nil && counts.count < 10
            #expect(counts == [1, 1, 1], "\(path)")
        }
    }

    @Test func `a transaction with such records is refused, as too large or for want of room`() throws {
        let resource = Publisher.schema.resource
        var row = RowBatch(width: resource.width)
        row.appendAbsentRow()
        row.set(row: 0, column: 1, to: "P")
        let first = Mutation(resource, .insert(try ValidatedRow(row, resource, for: .create)))
        let copy = Mutation(resource, first.change, references: [1: ResultReference(mutation: 0, column: 1)])
        var record = RowBatch(width: resource.width)
        record.appendRow(stating: UInt32.max)

        for limit in [BufferBudget.defaultLimit, .max] {
            var transaction = Transaction([first, copy, copy], at: .epoch)
            (transaction.maxBytes, transaction.reservation) = (.max, BufferReservation(in: BufferBudget(limit: limit)))
            var results = TransactionResults(of: transaction)
            #expect(results.next() != nil)
            // The first one may be of any size, if there is room for it.
            results.append(Written(record, isNew: true))
            #expect(results.next() == nil)
            guard case .refused(let refusals) = results.result else { throw StorageError.internal("it is refused") }
            let problem = Problem(refusals, of: transaction.mutations, .array)
            if limit == .max {
                #expect(refusals == [Refusal(mutation: 1, .tooLarge(maxBytes: .max))])
                #expect((problem.status, problem.errors.count) == (422, 1))
            } else {
                #expect(refusals == [Refusal(mutation: 0, .overloaded)])
                #expect((problem.status, problem.errors.count) == (503, 0))
            }
        }
    }

    @Test(arguments: [("x", 1), ("\"", 2), ("\\", 2), ("\u{1}", 6), ("\u{1F}", 6), ("é", 2)])
    func `a record is counted as its answer has it, before the commit`(character: String, bytes: Int) throws {
        let resource = Publisher.schema.resource
        var row = RowBatch(width: resource.width)
        row.appendAbsentRow()
        row.set(row: 0, column: 1, to: String(repeating: character, count: 100_000))
        let mutation = Mutation(resource, .insert(try ValidatedRow(row, resource, for: .create)))
        for hasRoom in [true, false] {
            let reservation = BufferReservation(in: BufferBudget(limit: hasRoom ? .max : 100_000 * bytes))
            var transaction = Transaction([mutation], at: .epoch)
            transaction.reservation = reservation
            var results = TransactionResults(of: transaction)
            #expect(results.next() != nil)
            results.append(Written(row, isNew: true))
            #expect(reservation.bytes == (hasRoom ? 100_000 * bytes + row.byteCount - row.heap.count : 0))
            if !hasRoom { #expect(results.result == .refused([Refusal(mutation: 0, .overloaded)])) }
        }
    }

    @Test func `a budget refuses any size that it has no room for, and holds none of it`() {
        let budget = BufferBudget(limit: 1 << 40)
        let reservation = BufferReservation(in: budget)
        #expect(reservation.grow(by: 100))
        for bytes in [1 << 40, Int.max - 100, Int.max - 1, Int.max] {
            #expect(!reservation.grow(by: bytes))
            #expect(!reservation.resize(to: bytes))
            #expect(!budget.hasRoom(for: bytes))
            #expect(budget.bytesInUse == 100)
        }
        #expect(reservation.grow(by: Self.longest))
        #expect(budget.bytesInUse == Self.longest + 100)
    }
}

/// Gives the records of another storage, with values that are stated to have almost 4 GiB, but for those that are keys.
private struct StatingStorage: Storage {
    private let storage: AskedStorage

    init(_ storage: AskedStorage) {
        self.storage = storage
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        var rows = try await storage.rows(for: query, context)
        for row in 0..<rows.count { rows.state(UInt32.max, row: row, column: 1) }
        return rows
    }

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) { try await storage.prepare(schemas) }
    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        try await storage.commit(transaction, context)
    }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        nil
    }
    func health() async -> Health { .ready }
    func close() async {}
}

extension RowBatch {
    /// Appends a row of values of so many bytes that aren't there.
    fileprivate mutating func appendRow(stating bytes: UInt32) {
        appendAbsentRow()
        for column in 0..<width { state(bytes, row: count - 1, column: column) }
    }

    fileprivate mutating func state(_ bytes: UInt32, row: Int, column: Int) {
        storedCells[row * width + column] = Cell(.bytes, length: bytes)
    }
}
