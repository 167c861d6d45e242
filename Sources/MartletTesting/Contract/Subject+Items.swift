import MartletKernel
import MartletModel

/// What most clauses are checked with: items. Their versions are left out here, as they are another clause's business.
extension Subject {
    func commit(_ changes: Mutation.Change...) async throws -> CommitResult {
        try await commit(changes.map { Mutation(Item.resource, $0) })
    }

    /// Inserts a record that nothing stands against, and checks what comes back.
    @discardableResult
    func insert(_ item: Item) async throws -> Item {
        var stored = item
        stored.id = try await make(item)[0, 0].integer ?? 0
        return stored
    }

    /// Updates a record that nothing stands against.
    @discardableResult
    func update(_ key: Int64, _ assignments: Assignment<Item>...) async throws -> RowBatch {
        let change = Mutation.Change.update(.integer(key), try Assignment.validated(assignments))
        let written = try await done(Mutation(Item.resource, change))[0]
        try expect(written.isNew, false, "that an updated record is new")
        return written.record.withoutVersions
    }

    /// Deletes a record that is there.
    @discardableResult
    func delete(_ key: Int64) async throws -> RowBatch {
        try await done(.delete(Item.self, .integer(key)))[0].record.withoutVersions
    }

    func read(_ key: Int64) async throws -> RowBatch {
        try await record(of: Item.self, .integer(key)).withoutVersions
    }

    func page(after key: Int64? = nil, limit: Int = 1000) async throws -> RowBatch {
        try await page(of: Item.self, after: key.map(Key.integer), limit: limit)
    }

    /// The keys of a page.
    func keys(after key: Int64? = nil, limit: Int = 1000) async throws -> [Int64] {
        let rows = try await page(after: key, limit: limit)
        return (0..<rows.count).compactMap { rows[$0, 0].integer }
    }

    /// The table holds these records and no other.
    func expectItems(_ items: [Item], _ what: String = "all records") async throws {
        try await expectRecords(items, what)
    }
}

extension CommitResult {
    /// What was committed, now or before; nothing if it was refused.
    var written: [Written] {
        switch self {
        case .committed(let written), .replayed(let written): written
        case .refused: []
        }
    }

    /// The same without versions.
    var records: [RowBatch] { written.map(\.record.withoutVersions) }
}
