import MartletKernel
import MartletModel
import MartletTesting

extension Fault {
    static let ofUniqueness: [Fault] = [
        Fault("lets every value be taken twice") { .holding(uniqueness: nil) },
        Fault("minds case where it should ignore it") { .holding(uniqueness: .unique) },
        Fault("ignores case where it should mind it") { .holding(uniqueness: .unique(ignoringCase: true)) },
        Fault("knows no set of values that are unique together") { .holding({ _ in nil }, sets: false) },
        Fault("names what is taken alone, and not what is taken in a set") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                let result = try await sound.commit(transaction, .test)
                guard let refusal = result.refusal, case .uniqueTaken(let columns) = refusal.reason else {
                    return result
                }
                let fields = transaction.mutations[refusal.mutation].resource.fields
                let alone = columns.filter { fields[$0].uniqueness != nil || fields[$0].key != nil }
                return .refused([Refusal(mutation: refusal.mutation, .uniqueTaken(alone.isEmpty ? columns : alone))])
            })
        },
        Fault("takes null for a value in a set") {
            .refusing(insertsOf: "slots", [1, 2]) { new, old in
                new[0].isNull == old[0].isNull && new[1].isNull && old[1].isNull
            }
        },
        Fault("ignores the case of all letters") {
            .refusingInserts { $0.lowercased() == $1.lowercased() }
        },
        Fault("takes canonically equal texts for the same") { .refusingInserts { $0 == $1 } },
        Fault("lets null be taken") {
            .refusing(insertsOf: "contract-items", [4]) { new, old in new[0].isNull && old[0].isNull }
        },
        Fault("lets null be taken by numbers") {
            .refusing(insertsOf: "specimens", [2]) { new, old in new[0].isNull && old[0].isNull }
        },
        Fault("knows uniqueness of texts alone") {
            .holding { field in
                field.type == .string
                    ? nil : field.replacing({ if case .unique = $0 { true } else { false } }, with: nil)
            }
        },
        Fault("names the first taken field only") {
            .refusing { refusal in
                guard case .uniqueTaken(let columns) = refusal.reason else { return refusal }
                return Refusal(mutation: refusal.mutation, .uniqueTaken([columns[0]]))
            }
        },
        Fault("names taken fields in another order") {
            .refusing { refusal in
                guard case .uniqueTaken(let columns) = refusal.reason else { return refusal }
                return Refusal(mutation: refusal.mutation, .uniqueTaken(columns.reversed()))
            }
        },
        Fault("refuses a record its own value") {
            .changing { mutation, _, sound throws(StorageError) in
                guard case .update(let key, let row) = mutation.change, mutation.resource.name == "contract-items"
                else {
                    return nil
                }
                let old = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                guard !old.isEmpty, let new = row.cells.string(of: row.cells[0, 6]),
                    new.lowercased() == old.string(of: old[0, 6])?.lowercased()
                else { return nil }
                return .refused([Refusal(mutation: 0, .uniqueTaken([6]))])
            }
        },
        Fault("refuses a record its own set of values") {
            .changing { mutation, _, sound throws(StorageError) in
                guard case .update(let key, let row) = mutation.change, mutation.resource.name == "slots" else {
                    return nil
                }
                let old = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                let isSame = [1, 2].allSatisfy { !old.isEmpty && row.cells.isSame(0, $0, as: old, 0) }
                return isSame ? .refused([Refusal(mutation: 0, .uniqueTaken([1, 2]))]) : nil
            }
        },
        Fault("doesn't look for taken values in an update") {
            .changing { mutation, transaction, sound throws(StorageError) in
                let result = try await sound.commit(transaction, .test)
                guard case .update(let key, let row) = mutation.change, let refusal = result.refusal,
                    case .uniqueTaken = refusal.reason
                else { return result }
                var record = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                for column in 1..<record.width - 1 where !row.cells[0, column].isAbsent {
                    record.set(row: 0, column: column, to: row.cells[0, column], of: row.cells)
                }
                return .committed([Written(record, isNew: false)])
            }
        },
        Fault("looks for taken values before it inserts, and not when it does", isSequential: false) {
            FaultyStorage(
                schema: {
                    $0.changing(
                        { $0.replacing({ if case .unique = $0 { true } else { false } }, with: nil) }, sets: false)
                },
                write: { transaction, sound throws(StorageError) in
                    guard let mutation = transaction.mutations.first, case .insert(let row) = mutation.change else {
                        return try await sound.commit(transaction, .test)
                    }
                    let rows = try await sound.rows(
                        for: Query(mutation.resource, .page(after: nil, limit: .max)), .test)
                    await letOthersCome()
                    let sets = mutation.resource.compounds.filter(\.isUnique).map(\.columns)
                    for columns in sets {
                        let isTaken = (0..<rows.count).contains { other in
                            columns.allSatisfy { row.cells.isSame(0, $0, as: rows, other) }
                        }
                        if isTaken { return .refused([Refusal(mutation: 0, .uniqueTaken(columns.sorted()))]) }
                    }
                    return try await sound.commit(transaction, .test)
                })
        },
    ]
}

extension FaultyStorage {
    fileprivate static func holding(uniqueness: Constraint?) -> FaultyStorage {
        .holding { field in
            guard uniqueness != .unique(ignoringCase: true) || field.type == .string else { return nil }
            return field.replacing({ if case .unique = $0 { true } else { false } }, with: uniqueness)
        }
    }

    /// Refuses inserts whose unique texts are the same as another's.
    fileprivate static func refusingInserts(
        _ isSame: @escaping @Sendable (_ new: String, _ old: String) -> Bool
    ) -> FaultyStorage {
        .changing { mutation, _, sound throws(StorageError) in
            guard case .insert(let row) = mutation.change else { return nil }
            let rows = try await sound.rows(for: Query(mutation.resource, .page(after: nil, limit: .max)), .test)
            let fields = mutation.resource.fields
            let taken = fields.indices.filter { column in
                (fields[column].uniqueness != nil || fields[column].key != nil)
                    && (0..<rows.count).contains { other in
                        guard let new = row.cells.string(of: row.cells[0, column]),
                            let old = rows.string(of: rows[other, column])
                        else { return false }
                        return isSame(new, old)
                    }
            }
            return taken.isEmpty ? nil : .refused([Refusal(mutation: 0, .uniqueTaken(taken))])
        }
    }

    /// Refuses inserts into a resource whose cells are the same as another's.
    fileprivate static func refusing(
        insertsOf resource: String, _ columns: [Int],
        _ isSame: @escaping @Sendable (_ new: [Cell], _ old: [Cell]) -> Bool
    ) -> FaultyStorage {
        .changing { mutation, _, sound throws(StorageError) in
            guard case .insert(let row) = mutation.change, mutation.resource.name == resource else { return nil }
            let rows = try await sound.rows(for: Query(mutation.resource, .page(after: nil, limit: .max)), .test)
            let isTaken = (0..<rows.count).contains { other in
                isSame(columns.map { row.cells[0, $0] }, columns.map { rows[other, $0] })
            }
            return isTaken ? .refused([Refusal(mutation: 0, .uniqueTaken(columns))]) : nil
        }
    }
}

extension RowBatch {
    /// Whether a cell holds the same as that of another batch.
    func isSame(_ row: Int, _ column: Int, as other: RowBatch, _ otherRow: Int) -> Bool {
        var (one, two) = (RowBatch(width: 1), RowBatch(width: 1))
        one.append(self[row, column], of: self)
        two.append(other[otherRow, column], of: other)
        return one == two && !self[row, column].isNull
    }
}
