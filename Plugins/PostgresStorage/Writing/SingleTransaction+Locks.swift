import MartletKernel
import MartletModel

/// Two transactions that change the same records in different orders would wait for each other. So each locks first what it is
/// known to change, in one order for all: that of the tables' names, then of the keys. What it inserts, and what its deletions
/// take along, can't be locked before: where two wait for each other over that, the server ends one, which is done again.
extension SingleTransaction {
    /// It may hold a lock while it waits for another.
    var changesSeveral: Bool {
        transaction.mutations.count > 1
            || transaction.mutations.contains { mutation in
                guard case .delete = mutation.change, let table = catalog.table(of: mutation.resource) else {
                    return false
                }
                return table.deletedRecords != nil || table.deletionSetsNull
            }
    }

    func addLocks(to exchange: Exchange) {
        guard transaction.mutations.count > 1 else { return }
        var tables: [ObjectIdentifier: (table: Table, keys: Set<Key>, deletes: Bool)] = [:]
        for mutation in transaction.mutations where mutation.keyReference == nil {
            guard let key = mutation.change.key, key.isOne(of: mutation.resource),
                let table = catalog.table(of: mutation.resource)
            else { continue }
            let isDeletion = if case .delete = mutation.change { true } else { false }
            tables[ObjectIdentifier(table), default: (table, [], false)].keys.insert(key)
            if isDeletion { tables[ObjectIdentifier(table)]?.deletes = true }
        }
        for (table, keys, deletes) in tables.values.sorted(by: { $0.table.schema.table < $1.table.schema.table }) {
            var parameters = Parameters()
            parameters.append(arrayOf: table.schema.key.type.tag, Self.column(of: keys))
            exchange.add(deletes ? table.lockToDelete : table.lockToUpdate, parameters)
        }
    }

    private static func column(of keys: Set<Key>) -> RowBatch {
        var rows = RowBatch(width: 1)
        for (row, key) in keys.enumerated() {
            rows.appendAbsentRow()
            key.store(in: &rows, row: row, column: 0)
        }
        return rows
    }
}
