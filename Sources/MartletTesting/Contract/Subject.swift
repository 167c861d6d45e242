import MartletKernel
import MartletModel

/// A storage while a clause is checked: what clauses do to it, and what they expect of it.
struct Subject: Sendable {
    let storage: any Storage
    let clause: String

    /// When all transactions are that don't say.
    static let time = Timestamp(clamping: WallClock.system.now())

    /// What refers comes before what it refers to: a storage has to find its way.
    static let schemas = [
        Item.resource, Entry.resource, Specimen.resource, Preset.resource, Remark.resource, Document.resource,
        Folder.resource, Owner.resource, Slot.resource,
    ]
}

// MARK: - Doing

extension Subject {
    func commit(
        _ mutations: [Mutation], at time: Timestamp = Subject.time, _ idempotency: Idempotency? = nil,
        maxBytes: Int = Transaction.defaultMaxBytes
    ) async throws -> CommitResult {
        var transaction = Transaction(mutations, at: time, idempotency: idempotency)
        transaction.maxBytes = maxBytes
        return try await storage.commit(transaction, .test)
    }

    func commit(_ mutations: Mutation..., at time: Timestamp = Subject.time) async throws -> CommitResult {
        try await commit(mutations, at: time)
    }

    /// Commits mutations that nothing stands against.
    @discardableResult
    func done(_ mutations: Mutation..., at time: Timestamp = Subject.time) async throws -> [Written] {
        let result = try await commit(mutations, at: time)
        guard case .committed(let written) = result, written.count == mutations.count,
            written.allSatisfy({ $0.record.count == 1 })
        else { throw violation("the result", "a record for each mutation", result) }
        return written
    }

    /// Makes a record that nothing stands against, and checks what comes back.
    @discardableResult
    func make<M: Model>(_ record: M, at time: Timestamp = Subject.time) async throws -> RowBatch {
        let written = try await done(.insert(record), at: time)[0]
        var expected = record.row
        if M.resource.key.key == .generated, M.resource.key.type == .integer {
            let key = written.record[0, M.resource.keyIndex]
            guard key.integer != nil else { throw violation("the key of a new record", "an integer", written) }
            expected.set(row: 0, column: M.resource.keyIndex, to: key)
        }
        try expect(written.record.withoutVersions, expected, "the new record")
        try expect(written.isNew, true, "that it is new")
        return written.record
    }

    /// The record with a key, or no row.
    func record<M: Model>(of _: M.Type, _ key: Key) async throws -> RowBatch {
        try await storage.rows(for: Query(M.resource, .key(key)), .test)
    }

    /// The first thousand records, with their versions.
    func records<M: Model>(of _: M.Type, limit: Int = 1000) async throws -> RowBatch {
        let list = Query.List(order: M.resource.totalOrder([]), limit: limit)
        return try await storage.rows(for: Query(M.resource, .list(list)), .test)
    }

    /// Without their versions.
    func page<M: Model>(of _: M.Type, after key: Key? = nil, limit: Int = 1000) async throws -> RowBatch {
        try await storage.rows(for: Query(M.resource, .page(after: key, limit: limit)), .test)
    }

    /// The keys of a page.
    func keys<M: Model>(of model: M.Type, after key: Key? = nil, limit: Int = 1000) async throws -> [Key] {
        let rows = try await page(of: model, after: key, limit: limit)
        return (0..<rows.count).compactMap { M.resource.key(ofRow: $0, in: rows) }
    }

    /// Makes a folder that nothing stands against.
    func folder(_ name: String, in parent: Int64? = nil) async throws -> Int64 {
        try await make(Folder(name, in: parent))[0, 0].integer ?? 0
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

    /// The table holds these records and no other, whatever their versions.
    func expectRecords<M: Model>(_ records: [M], _ what: String = "all records") async throws {
        var expected = RowBatch(width: M.resource.width)
        for record in records { expected.append(row: 0, of: record.row) }
        try await expect(self.records(of: M.self).withoutVersions, expected, what)
    }

    func expectRefused(_ result: CommitResult, mutation: Int = 0, _ reason: Refusal.Reason) throws(ContractViolation) {
        try expect(result, .refused([Refusal(mutation: mutation, reason)]), "the result")
    }

    func expectRefused(_ result: CommitResult, _ refusals: (Int, Refusal.Reason)...) throws(ContractViolation) {
        try expect(result, .refused(refusals.map { Refusal(mutation: $0, $1) }), "the result")
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
