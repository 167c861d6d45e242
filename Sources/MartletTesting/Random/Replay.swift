import MartletKernel
import MartletModel

/// Does the steps of a sequence on one storage. Answers name records and versions as the sequence does, so that those of
/// two storages can be compared whatever keys and versions they gave.
struct Replay {
    let storage: any Storage
    private var naming = Naming()

    init(_ storage: any Storage) {
        self.storage = storage
    }

    mutating func perform(_ step: RandomStep) async -> Answer {
        do {
            switch step {
            case .read(let resource, let name):
                return try await rows(resource, .key(naming.key(of: name, in: resource)))
            case .page(let resource, let after, let limit):
                return try await rows(
                    resource, .page(after: after.map { naming.key(of: $0, in: resource) }, limit: limit))
            case .list(let resource, let list):
                let named = naming.list(list, of: resource)
                let rows = try await storage.rows(for: Query(resource.schema, .list(named)), .test)
                return .rows(naming.named(rows.keeping(list.columns), resource))
            case .count(let resource, let filter):
                let named = naming.filter(filter, of: resource)
                return .rows(try await storage.rows(for: Query(resource.schema, .count(named)), .test))
            case .transaction(let transaction):
                let result = try await storage.commit(try naming.transaction(transaction), .test)
                if case .committed(let written) = result {
                    if written.count != transaction.changes.count { return .failed("\(written.count) records") }
                    if let mistake = naming.learn(transaction, written) { return .failed(mistake) }
                }
                return .result(naming.named(result, transaction.changes))
            case .replay(let transaction):
                let result = try await storage.replay(of: try naming.transaction(transaction), .test)
                return result.map { .result(naming.named($0, transaction.changes)) } ?? .unknown
            }
        } catch {
            return .failed("\(error)")
        }
    }

    private mutating func rows(_ resource: RandomResource, _ selection: Query.Selection) async throws -> Answer {
        .rows(naming.named(try await storage.rows(for: Query(resource.schema, selection), .test), resource))
    }
}

extension RowBatch {
    /// The same rows, absent where a list was not asked for a column: one storage may have something there, and another not.
    fileprivate func keeping(_ columns: [Int]?) -> RowBatch {
        guard let columns else { return self }
        var rows = self
        for column in 0..<width where !columns.contains(column) {
            for row in 0..<count { rows.set(row: row, column: column, to: .absent) }
        }
        return rows
    }
}
