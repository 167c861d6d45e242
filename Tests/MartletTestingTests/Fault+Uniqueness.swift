import MartletKernel
import MartletModel

extension Fault {
    static let ofUniqueness: [Fault] = [
        Fault("lets every value be taken twice") { .holding { _ in nil } },
        Fault("minds case where it should ignore it") { .holding { _ in .exact } },
        Fault("ignores case where it should mind it") { .holding { _ in .ignoringASCIICase } },
        Fault("ignores the case of all letters") {
            .refusingInserts { $0.lowercased() == $1.lowercased() }
        },
        Fault("takes canonically equal texts for the same") { .refusingInserts { $0 == $1 } },
        Fault("lets null be taken") {
            .refusing(insertsOf: 4) { new, old in new.isNull && old.isNull }
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
            .changing { mutation, sound throws(StorageError) in
                guard case .update(let key, let row) = mutation.change else { return nil }
                let old = try await sound.rows(for: Query(mutation.resource, .key(key)))
                guard !old.isEmpty, let new = row.cells.string(of: row.cells[0, 6]),
                    new.lowercased() == old.string(of: old[0, 6])?.lowercased()
                else { return nil }
                return .refused(Refusal(mutation: 0, .uniqueTaken([6])))
            }
        },
        Fault("doesn't look for taken values in an update") {
            .changing { mutation, sound throws(StorageError) in
                let result = try await sound.commit(Transaction(mutation))
                guard case .update(let key, let row) = mutation.change, case .refused(let refusal) = result,
                    case .uniqueTaken = refusal.reason
                else { return result }
                var record = try await sound.rows(for: Query(mutation.resource, .key(key)))
                for column in 1..<record.width {
                    if let text = row.cells.string(of: row.cells[0, column]) {
                        record.set(row: 0, column: column, to: text)
                    }
                }
                return .committed([record])
            }
        },
    ]
}

extension FaultyStorage {
    /// Refuses inserts whose handle is the same as another's.
    fileprivate static func refusingInserts(
        _ isSame: @escaping @Sendable (_ new: String, _ old: String) -> Bool
    ) -> FaultyStorage {
        .changing { mutation, sound throws(StorageError) in
            guard case .insert(let row) = mutation.change else { return nil }
            let rows = try await sound.rows(for: Query(mutation.resource, .page(after: nil, limit: .max)))
            let taken = [4, 6].filter { column in
                (0..<rows.count).contains { other in
                    guard mutation.resource.fields.indices.contains(column),
                        let new = row.cells.string(of: row.cells[0, column]),
                        let old = rows.string(of: rows[other, column])
                    else { return false }
                    return isSame(new, old)
                }
            }
            return taken.isEmpty ? nil : .refused(Refusal(mutation: 0, .uniqueTaken(taken)))
        }
    }

    /// Refuses inserts whose cell is the same as another's.
    fileprivate static func refusing(
        insertsOf column: Int, _ isSame: @escaping @Sendable (_ new: Cell, _ old: Cell) -> Bool
    ) -> FaultyStorage {
        .changing { mutation, sound throws(StorageError) in
            guard case .insert(let row) = mutation.change else { return nil }
            let rows = try await sound.rows(for: Query(mutation.resource, .page(after: nil, limit: .max)))
            let isTaken = (0..<rows.count).contains { isSame(row.cells[0, column], rows[$0, column]) }
            return isTaken ? .refused(Refusal(mutation: 0, .uniqueTaken([column]))) : nil
        }
    }
}
