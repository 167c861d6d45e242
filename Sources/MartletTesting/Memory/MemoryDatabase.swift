import MartletKernel
import MartletModel

/// The tables of a ``MemoryStorage``. A value: a copy is a snapshot.
struct MemoryDatabase {
    private var tables: [String: MemoryTable] = [:]

    /// Adds an empty table, unless there is one.
    mutating func addTable(of schema: ResourceSchema) {
        guard tables[schema.name] == nil else { return }
        tables[schema.name] = MemoryTable(schema)
    }

    func rows(for query: Query) throws(StorageError) -> RowBatch {
        let table = try table(of: query.resource)
        return switch query.selection {
        case .key(let key): table.rows(key)
        case .page(let after, let limit): table.page(after: after, limit: limit)
        }
    }

    /// Does the mutations in their order. When one is refused, those before it are done: the caller drops this value.
    mutating func apply(_ transaction: Transaction) throws(StorageError) -> CommitResult {
        var records: [RowBatch] = []
        for (index, mutation) in transaction.mutations.enumerated() {
            var table = try table(of: mutation.resource)
            do throws(MemoryTable.Refused) {
                records.append(try table.apply(mutation.change))
            } catch {
                return .refused(Refusal(mutation: index, error.reason))
            }
            tables[mutation.resource.name] = table
        }
        return .committed(records)
    }

    private func table(of schema: ResourceSchema) throws(StorageError) -> MemoryTable {
        guard let table = tables[schema.name] else { throw .internal("\(schema.name) was never prepared") }
        return table
    }
}
