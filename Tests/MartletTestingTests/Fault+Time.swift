import MartletKernel
import MartletModel
import MartletTesting

extension Fault {
    /// What only shows when several things happen at once, or when the storage is opened and closed.
    static let ofTime: [Fault] = [
        Fault("is never ready", isSequential: false) { FaultyStorage(isEverReady: false) },
        Fault("goes on after it was closed", isSequential: false) { FaultyStorage(isEverClosed: false) },
        Fault("updates a record as it was read before", isSequential: false) {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard case .update(let key, let row) = mutation.change, mutation.precondition == .none else {
                    return nil
                }
                var cells = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                guard !cells.isEmpty else { return nil }
                await letOthersCome()
                for (column, field) in mutation.resource.fields.enumerated() {
                    if field.isReadOnly || field.key != nil {
                        cells.set(row: 0, column: column, to: .absent)
                    } else if !row.cells[0, column].isAbsent {
                        cells.set(row: 0, column: column, to: row.cells[0, column], of: row.cells)
                    }
                }
                cells.set(row: 0, column: cells.width - 1, to: .absent)
                guard let whole = try? ValidatedRow(cells, mutation.resource, for: .patch) else { return nil }
                return try await sound.commit(transaction.with([mutation.with(change: .update(key, whole))]), .test)
            }
        },
        Fault("acknowledges a delete before it is done", isSequential: false) {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard case .delete(let key) = mutation.change else { return nil }
                let rows = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                guard !rows.isEmpty else { return nil }
                Task.detached {
                    try await Task.sleep(for: .milliseconds(50))
                    _ = try await sound.commit(transaction, .test)
                }
                return .committed([Written(rows, isNew: false)])
            }
        },
        Fault(
            "refuses what commits at the same time as a refused transaction", isSequential: false,
            any: { SharedFateStorage() }),
    ]
}
