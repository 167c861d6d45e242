import MartletKernel
import MartletModel
import MartletTesting

/// A storage that shows versions of its own making.
actor VersioningStorage: Storage {
    /// What a change of a record gives it, by what it had.
    typealias Next = @Sendable (_ previous: Int64?, _ actual: Int64) -> Int64

    private let sound = MemoryStorage()
    private let next: Next
    /// Whether it gives one also where nothing has changed.
    private let countsNothing: Bool
    /// Whether only what is answered to a write gives one: others are changed by deletions too.
    private let forgetsDeletions: Bool
    private var known: [String: [Key: (actual: Int64, shown: Int64)]] = [:]

    init(countsNothing: Bool = false, forgetsDeletions: Bool = false, next: @escaping Next) {
        self.next = next
        self.countsNothing = countsNothing
        self.forgetsDeletions = forgetsDeletions
    }

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) { try await sound.prepare(schemas) }
    func health() async -> Health { await sound.health() }
    func close() async { await sound.close() }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        try await sound.replay(of: transaction, context)
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        var rows = try await sound.rows(for: query, context)
        if case .count = query.selection { return rows }
        for row in 0..<rows.count { show(&rows, row, query.resource, isWritten: false) }
        return rows
    }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        let mutations = transaction.mutations.map { mutation -> Mutation in
            guard case .version(let versions) = mutation.precondition, let key = mutation.change.key,
                let (actual, shown) = known[mutation.resource.name]?[key]
            else { return mutation }
            return mutation.with(precondition: .version(versions.contains(shown) ? [actual] : []))
        }
        let result = try await sound.commit(transaction.with(mutations), context)
        guard case .committed(let written) = result else { return result }
        var shown: [Written] = []
        for (mutation, each) in zip(mutations, written) {
            var record = each.record
            if case .delete = mutation.change {
                show(&record, 0, mutation.resource, isWritten: false)
                if let key = mutation.change.key { known[mutation.resource.name]?[key] = nil }
            } else {
                show(&record, 0, mutation.resource, isWritten: true)
            }
            shown.append(Written(record, isNew: each.isNew))
        }
        return .committed(shown)
    }

    private func show(_ rows: inout RowBatch, _ row: Int, _ resource: ResourceSchema, isWritten: Bool) {
        guard let key = resource.key(ofRow: row, in: rows), let actual = rows[row, resource.versionIndex].integer else {
            return
        }
        var entry = known[resource.name]?[key]
        let isSame = entry?.actual == actual || (forgetsDeletions && !isWritten && entry != nil)
        if !isSame || (isWritten && countsNothing) { entry = (actual, next(entry?.shown, actual)) }
        // What is there now is what a precondition has to name.
        entry?.actual = actual
        known[resource.name, default: [:]][key] = entry
        rows.set(row: row, column: resource.versionIndex, to: .integer(entry?.shown ?? actual))
    }
}
