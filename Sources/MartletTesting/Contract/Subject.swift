import MartletKernel
import MartletModel

/// A storage while a clause is checked: what clauses do to it, and what they expect of it.
struct Subject: Sendable {
    let storage: any Storage
    let clause: String

    static let schemas = [Item.schema.resource, Entry.schema.resource]
}

// MARK: - Doing

extension Subject {
    func commit(_ changes: Mutation.Change...) async throws -> CommitResult {
        try await storage.commit(Transaction(changes.map { Mutation(Item.schema.resource, $0) }))
    }

    /// Inserts a record that nothing stands against, and checks what comes back.
    @discardableResult
    func insert(_ item: Item) async throws -> Item {
        let record = try await record(of: commit(.insert(item)))
        guard let key = record[0, 0].integer else { throw violation("the key of a new record", "an integer", record) }
        var stored = item
        stored.id = key
        try expect(record, stored.row, "the new record")
        return stored
    }

    /// Updates a record that nothing stands against.
    @discardableResult
    func update(_ key: Int64, _ assignments: Assignment...) async throws -> RowBatch {
        try await record(of: commit(.update(key, assignments)))
    }

    /// Deletes a record that is there.
    @discardableResult
    func delete(_ key: Int64) async throws -> RowBatch {
        try await record(of: commit(.delete(.integer(key))))
    }

    func read(_ key: Int64) async throws -> RowBatch {
        try await storage.rows(for: Query(Item.schema.resource, .key(.integer(key))))
    }

    func page(after key: Int64? = nil, limit: Int = 1000) async throws -> RowBatch {
        try await storage.rows(for: Query(Item.schema.resource, .page(after: key.map(Key.integer), limit: limit)))
    }

    /// The keys of a page.
    func keys(after key: Int64? = nil, limit: Int = 1000) async throws -> [Int64] {
        let rows = try await page(after: key, limit: limit)
        return (0..<rows.count).compactMap { rows[$0, 0].integer }
    }

    private func record(of result: CommitResult) throws(ContractViolation) -> RowBatch {
        guard case .committed(let records) = result, records.count == 1, records[0].count == 1 else {
            throw violation("the result", "one record of one mutation", result)
        }
        return records[0]
    }
}

extension Mutation.Change {
    static func insert(_ item: Item) throws -> Self {
        .insert(try ValidatedRow(item.draft, Item.schema.resource, for: .create))
    }

    static func update(_ key: Int64, _ assignments: Assignment...) throws -> Self {
        try update(key, assignments)
    }

    static func update(_ key: Int64, _ assignments: [Assignment]) throws -> Self {
        var rows = RowBatch(width: Item.schema.resource.fields.count)
        rows.appendAbsentRow()
        for assignment in assignments { assignment.store(&rows) }
        return .update(.integer(key), try ValidatedRow(rows, Item.schema.resource, for: .patch))
    }

    static func delete(_ key: Int64) -> Self {
        .delete(.integer(key))
    }
}

// MARK: - Expecting

extension Subject {
    func expect<Value: Equatable>(_ actual: Value, _ expected: Value, _ what: String) throws(ContractViolation) {
        guard actual == expected else { throw violation(what, expected, actual) }
    }

    func expect(_ condition: Bool, _ what: String) throws(ContractViolation) {
        guard condition else { throw ContractViolation("\(clause): \(what)") }
    }

    /// The table holds these records and no other.
    func expectItems(_ items: [Item], _ what: String = "all records") async throws {
        var expected = RowBatch(width: Item.schema.resource.fields.count)
        for item in items { expected.append(row: 0, of: item.row) }
        try await expect(page(), expected, what)
    }

    func expectRefused(_ result: CommitResult, mutation: Int = 0, _ reason: Refusal.Reason) throws(ContractViolation) {
        try expect(result, .refused(Refusal(mutation: mutation, reason)), "the result")
    }

    func expectTaken(_ result: CommitResult, mutation: Int = 0, _ columns: Int...) throws(ContractViolation) {
        try expectRefused(result, mutation: mutation, .uniqueTaken(columns))
    }

    func violation(_ what: String, _ expected: some Any, _ actual: some Any) -> ContractViolation {
        ContractViolation(
            """
            \(clause): \(what)
              expected: \(expected)
              got:      \(actual)
            """)
    }
}
