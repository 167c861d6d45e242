import MartletKernel
import MartletModel
import MartletTesting

extension Fault {
    static let ofWriting: [Fault] = [
        Fault("commits each mutation by itself") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                guard transaction.idempotency == nil,
                    transaction.mutations.allSatisfy({ $0.references.isEmpty && $0.keyReference == nil })
                else { return try await sound.commit(transaction, .test) }
                var written: [Written] = []
                for (index, mutation) in transaction.mutations.enumerated() {
                    switch try await sound.commit(transaction.with([mutation]), .test) {
                    case .committed(let record), .replayed(let record): written += record
                    case .refused(let refusals):
                        return .refused(refusals.map { Refusal(mutation: index, $0.reason) })
                    }
                }
                return .committed(written)
            })
        },
        Fault("doesn't say which mutation was refused") { .refusing { Refusal(mutation: 0, $0.reason) } },
        Fault("names the last mutation of a refused transaction") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                let result = try await sound.commit(transaction, .test)
                guard let refusal = result.refusal else { return result }
                return .refused([Refusal(mutation: max(0, transaction.mutations.count - 1), refusal.reason)])
            })
        },
        Fault("tells the first refusal only") {
            .answering { result in
                if case .refused(let refusals) = result { .refused(Array(refusals.prefix(1))) } else { result }
            }
        },
        Fault("tells refusals in another order") {
            .answering { result in
                if case .refused(let refusals) = result { .refused(refusals.reversed()) } else { result }
            }
        },
        Fault("judges each mutation as if it was the only one") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                let result = try await sound.commit(transaction, .test)
                guard case .refused(let refusals) = result, transaction.idempotency == nil,
                    transaction.mutations.allSatisfy({ $0.references.isEmpty && $0.keyReference == nil })
                else { return result }
                var alone: [Refusal] = []
                for (index, mutation) in transaction.mutations.enumerated() {
                    let both = transaction.with([mutation, .never(mutation.resource)])
                    guard case .refused(let refusals) = try await sound.commit(both, .test), refusals[0].mutation == 0
                    else {
                        continue
                    }
                    alone.append(Refusal(mutation: index, refusals[0].reason))
                }
                return .refused(alone.isEmpty ? refusals : alone)
            })
        },
        Fault("writes any number of bytes", isSequential: false) {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                var transaction = transaction
                transaction.maxBytes = .max
                return try await sound.commit(transaction, .test)
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
                return try await sound.commit(transaction, .test)
            })
        },
        Fault("refuses long transactions", isSequential: false) {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                if transaction.mutations.count > 500 { throw .internal("too many variables") }
                return try await sound.commit(transaction, .test)
            })
        },
        Fault("puts all resources into one table", isSequential: false) {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                let mutations = transaction.mutations.filter {
                    $0.resource.name == transaction.mutations[0].resource.name
                }
                return try await sound.commit(transaction.with(mutations), .test)
            })
        },
        Fault("updates what is absent to null") {
            .updating { row in
                for column in 1..<row.width - 1 where row[0, column].isAbsent {
                    row.set(row: 0, column: column, to: .null)
                }
            }
        },
        Fault("can't update to null") {
            .updating { row in
                for column in 1..<row.width where row[0, column].isNull { row.set(row: 0, column: column, to: .absent) }
            }
        },
        Fault("answers an update of nothing with nothing") {
            .changing { mutation, _, _ throws(StorageError) in
                guard case .update(_, let row) = mutation.change, row.cells.cells.allSatisfy(\.isAbsent) else {
                    return nil
                }
                return .committed([Written(RowBatch(width: mutation.resource.width), isNew: false)])
            }
        },
        Fault("looks for taken values before the record") {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard case .update(let key, let row) = mutation.change, mutation.resource.name == "contract-items",
                    try await sound.rows(for: Query(mutation.resource, .key(key)), .test).isEmpty
                else { return nil }
                let insertion = Mutation(mutation.resource, .insert(row))
                let result = try await sound.commit(transaction.with([insertion, .never(mutation.resource)]), .test)
                guard case .refused(let refusals) = result, refusals[0].mutation == 0 else { return nil }
                return .refused([refusals[0]])
            }
        },
        Fault("answers a change of a missing record as if there was nothing to do") {
            .answering { result in
                guard result == .refused([Refusal(mutation: 0, .notFound)]) else { return result }
                return .committed([Written(RowBatch(width: 8), isNew: false)])
            }
        },
        Fault("doesn't delete") {
            .changing { mutation, _, sound throws(StorageError) in
                guard case .delete(let key) = mutation.change else { return nil }
                let rows = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                return rows.isEmpty ? nil : .committed([Written(rows, isNew: false)])
            }
        },
        Fault("answers a delete with the key alone") {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard case .delete(let key) = mutation.change,
                    case .committed = try await sound.commit(transaction, .test)
                else { return nil }
                var record = RowBatch(width: mutation.resource.width)
                record.appendAbsentRow()
                key.store(in: &record, row: 0, column: mutation.resource.keyIndex)
                return .committed([Written(record, isNew: false)])
            }
        },
        Fault("answers a delete with a new version") {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard case .delete = mutation.change else { return nil }
                return try await sound.commit(transaction, .test).mapping { $0.with(version: $0.version + 1) }
            }
        },
        Fault("gives every record the key of the highest and one more", any: { HighestKeyStorage() }),
    ]
}

extension FaultyStorage {
    /// Changes what an update sets.
    fileprivate static func updating(_ change: @escaping @Sendable (inout RowBatch) -> Void) -> FaultyStorage {
        .changing { mutation, transaction, sound throws(StorageError) in
            guard case .update(let key, let row) = mutation.change else { return nil }
            var cells = row.cells
            change(&cells)
            for (column, field) in mutation.resource.fields.enumerated() where field.isReadOnly || field.key != nil {
                cells.set(row: 0, column: column, to: .absent)
            }
            guard let changed = try? ValidatedRow(cells, mutation.resource, for: .patch) else { return .committed([]) }
            return try await sound.commit(transaction.with([mutation.with(change: .update(key, changed))]), .test)
        }
    }
}

extension Mutation {
    /// What is always refused: with it behind others, a transaction tells whether these could be done.
    static func never(_ resource: ResourceSchema) -> Mutation {
        Mutation(resource, .delete(resource.key.type == .integer ? .integer(-77) : .string("\u{2}never")))
    }
}

extension Written {
    var version: Int64 { record.isEmpty ? 0 : record[0, record.width - 1].integer ?? 0 }

    func with(version: Int64) -> Written {
        guard !record.isEmpty else { return self }
        var record = record
        record.set(row: 0, column: record.width - 1, to: .integer(version))
        return Written(record, isNew: isNew)
    }
}
