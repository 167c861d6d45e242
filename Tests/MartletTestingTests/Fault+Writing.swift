import MartletKernel
import MartletModel

extension Fault {
    static let ofWriting: [Fault] = [
        Fault("commits each mutation by itself") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                var records: [RowBatch] = []
                for (index, mutation) in transaction.mutations.enumerated() {
                    switch try await sound.commit(Transaction(mutation)) {
                    case .committed(let record): records += record
                    case .refused(let refusal): return .refused(Refusal(mutation: index, refusal.reason))
                    }
                }
                return .committed(records)
            })
        },
        Fault("doesn't say which mutation was refused") { .refusing { Refusal(mutation: 0, $0.reason) } },
        Fault("names the last mutation of a refused transaction") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                guard case .refused(let refusal) = try await sound.commit(transaction) else { return .committed([]) }
                return .refused(Refusal(mutation: transaction.mutations.count - 1, refusal.reason))
            })
        },
        Fault("answers a transaction with its last record") {
            .answering { result in
                if case .committed(let records) = result { .committed(records.suffix(1)) } else { result }
            }
        },
        Fault("answers with records in another order") {
            .answering { result in
                if case .committed(let records) = result { .committed(records.reversed()) } else { result }
            }
        },
        Fault("fails on an empty transaction") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                if transaction.mutations.isEmpty { throw .internal("nothing to do") }
                return try await sound.commit(transaction)
            })
        },
        Fault("refuses long transactions", isSequential: false) {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                if transaction.mutations.count > 500 { throw .internal("too many variables") }
                return try await sound.commit(transaction)
            })
        },
        Fault("puts all resources into one table", isSequential: false) {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                let mutations = transaction.mutations.filter {
                    $0.resource.name == transaction.mutations[0].resource.name
                }
                return try await sound.commit(Transaction(mutations))
            })
        },
        Fault("updates what is absent to null") {
            .updating { row in
                for column in 1..<row.width where row[0, column].isAbsent { row.set(row: 0, column: column, to: .null) }
            }
        },
        Fault("can't update to null") {
            .updating { row in
                for column in 1..<row.width where row[0, column].isNull { row.set(row: 0, column: column, to: .absent) }
            }
        },
        Fault("answers an update of nothing with nothing") {
            .changing { mutation, _ throws(StorageError) in
                guard case .update(_, let row) = mutation.change, row.cells.cells.allSatisfy(\.isAbsent) else {
                    return nil
                }
                return .committed([RowBatch(width: mutation.resource.fields.count)])
            }
        },
        Fault("looks for taken values before the record") {
            .changing { mutation, sound throws(StorageError) in
                guard case .update(let key, let row) = mutation.change,
                    try await sound.rows(for: Query(mutation.resource, .key(key))).isEmpty
                else { return nil }
                let result = try await sound.commit(Transaction(Mutation(mutation.resource, .insert(row))))
                guard case .committed(let records) = result else { return result }
                _ = try await sound.commit(
                    Transaction(Mutation(mutation.resource, .delete(.integer(records[0][0, 0].integer ?? 0)))))
                return nil
            }
        },
        Fault("answers a change of a missing record as if there was nothing to do") {
            .answering { $0 == .refused(Refusal(mutation: 0, .notFound)) ? .committed([RowBatch(width: 7)]) : $0 }
        },
        Fault("doesn't delete") {
            .changing { mutation, sound throws(StorageError) in
                guard case .delete(let key) = mutation.change else { return nil }
                let rows = try await sound.rows(for: Query(mutation.resource, .key(key)))
                return rows.isEmpty ? nil : .committed([rows])
            }
        },
        Fault("answers a delete with the key alone") {
            .changing { mutation, sound throws(StorageError) in
                guard case .delete(let key) = mutation.change,
                    case .committed = try await sound.commit(Transaction(mutation))
                else { return nil }
                var record = RowBatch(width: mutation.resource.fields.count)
                record.appendAbsentRow()
                record.set(row: 0, column: 0, to: key.cell)
                return .committed([record])
            }
        },
        Fault("gives every record the key of the highest and one more", any: { HighestKeyStorage() }),
    ]
}

extension FaultyStorage {
    /// Changes what an update sets.
    fileprivate static func updating(_ change: @escaping @Sendable (inout RowBatch) -> Void) -> FaultyStorage {
        .changing { mutation, sound throws(StorageError) in
            guard case .update(let key, let row) = mutation.change else { return nil }
            var cells = row.cells
            change(&cells)
            guard let changed = try? ValidatedRow(cells, mutation.resource, for: .patch) else { return .committed([]) }
            return try await sound.commit(Transaction(Mutation(mutation.resource, .update(key, changed))))
        }
    }
}
