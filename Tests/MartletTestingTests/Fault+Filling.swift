import FoundationEssentials
import MartletKernel
import MartletModel
import MartletTesting

extension Fault {
    /// What a storage puts into a record by itself.
    static let ofFilling: [Fault] = [
        Fault("knows no defaults") {
            .holding { field in
                field.isNullable || field.name == "score"
                    ? nil : field.replacing({ if case .default = $0 { true } else { false } }, with: nil)
            }
        },
        Fault("mixes up when a record was made and when it was changed") {
            .holding { field in
                guard let managed = field.managed, field.name == "createdAt" || field.name == "updatedAt" else {
                    return nil
                }
                return [.managed(managed == .createdAt ? .updatedAt : .createdAt)]
            }
        },
        Fault("takes a time of its own for that of a change") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                try await sound.commit(
                    Transaction(transaction.mutations, at: .epoch, idempotency: transaction.idempotency), .test)
            })
        },
        Fault("counts a change of nothing as a change") {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard mutation.resource.name == "owners", mutation.precondition == .none, let key = mutation.change.key
                else { return nil }
                var row = RowBatch(width: mutation.resource.width)
                row.appendAbsentRow()
                row.set(row: 0, column: 1, to: "\u{2}")
                guard let other = try? ValidatedRow(row, mutation.resource, for: .patch),
                    mutation.change.row?.cells[0, 1].isAbsent == false
                else { return nil }
                let detour = transaction.with([Mutation(mutation.resource, .update(key, other)), mutation])
                guard case .committed(let written) = try await sound.commit(detour, .test) else { return nil }
                return .committed([written[1]])
            }
        },
        Fault("fills what a change doesn't give") {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard mutation.resource.name == "presets", mutation.precondition == .none,
                    case .upsert(let key, _) = mutation.change
                else { return nil }
                let result = try await sound.commit(
                    transaction.with([Mutation(mutation.resource, .delete(key)), mutation]), .test)
                guard case .committed(let written) = result else { return nil }
                return .committed([Written(written[1].record, isNew: false)])
            }
        },
    ]

    /// Keys of each kind, and their order.
    static let ofKeys: [Fault] = [
        Fault("orders keys as people order texts") {
            .ordering { one, other in
                guard case (.string(let one), .string(let other)) = (one, other) else { return nil }
                return (one.lowercased(), one) < (other.lowercased(), other)
            }
        },
        Fault("orders integers as texts") {
            .ordering { one, other in
                guard case (.integer(let one), .integer(let other)) = (one, other) else { return nil }
                return "\(one)" < "\(other)"
            }
        },
        Fault("orders UUIDs from their ends") {
            .ordering { one, other in
                guard case (.uuid(let one), .uuid(let other)) = (one, other) else { return nil }
                return one.uuidString.reversed().lexicographicallyPrecedes(other.uuidString.reversed())
            }
        },
        Fault("makes UUIDs by itself") {
            .doing { mutation in
                guard mutation.resource.name == "documents", case .insert(let row) = mutation.change else {
                    return mutation
                }
                var cells = row.cells
                (0..<16).map { UInt8($0) }.withUnsafeBytes { cells.set(row: 0, column: 0, to: .uuid, $0) }
                guard let other = try? row.keyed(Key(cells[0, 0], of: cells), mutation.resource) else {
                    return mutation
                }
                return mutation.with(change: .insert(other))
            }
        },
        Fault("replaces the record whose key is inserted again") {
            .doing { mutation in
                guard case .insert(let row) = mutation.change, mutation.resource.key.key == .assigned,
                    let key = mutation.resource.key(ofRow: 0, in: row.cells)
                else { return mutation }
                return mutation.with(change: .upsert(key, row))
            }
        },
        Fault("doesn't name the key among taken values") {
            .refusing { refusal in
                guard case .uniqueTaken(let columns) = refusal.reason, columns.count > 1 else { return refusal }
                return Refusal(mutation: refusal.mutation, .uniqueTaken(columns.filter { $0 != 0 }))
            }
        },
        Fault("lets no assigned key come again", isSequential: false, any: { OnceStorage() }),
    ]

    static let ofUpserts: [Fault] = [
        Fault("only changes by an upsert") {
            .doing { mutation in
                guard case .upsert(let key, let row) = mutation.change else { return mutation }
                return mutation.with(change: .update(key, row))
            }
        },
        Fault("says of every upsert that it made the record") {
            .answering { result in result.mapping { Written($0.record, isNew: true) } }
        },
        Fault("says of no record that it is new") {
            .answering { result in result.mapping { Written($0.record, isNew: false) } }
        },
        Fault("looks for the record before an upsert, and not in it", isSequential: false) {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard case .upsert(let key, _) = mutation.change, mutation.precondition == .absent else { return nil }
                guard try await sound.rows(for: Query(mutation.resource, .key(key)), .test).isEmpty else { return nil }
                await letOthersCome()
                return try await sound.commit(transaction.with([mutation.with(precondition: .none)]), .test)
            }
        },
        Fault("makes a record that is only to be changed") {
            .demanding { precondition, change in
                if case .upsert = change, precondition == .present { .none } else { precondition }
            }
        },
        Fault("finds no record where an upsert is only to change one") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                let result = try await sound.commit(transaction, .test)
                guard let refusal = result.refusal, refusal.reason == .preconditionFailed,
                    case .upsert(let key, _) = transaction.mutations[refusal.mutation].change,
                    try await sound.rows(for: Query(transaction.mutations[refusal.mutation].resource, .key(key)), .test)
                        .isEmpty
                else { return result }
                return .refused([Refusal(mutation: refusal.mutation, .notFound)])
            })
        },
        Fault("minds no reference in an upsert") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                let result = try await sound.commit(transaction, .test)
                guard let refusal = result.refusal, case .referenceMissing = refusal.reason,
                    case .upsert = transaction.mutations[refusal.mutation].change
                else { return result }
                return .committed([])
            })
        },
    ]
}

extension FaultyStorage {
    /// Has another order in its pages. `precedes` says nothing of keys that it leaves as they are.
    fileprivate static func ordering(_ precedes: @escaping @Sendable (Key, Key) -> Bool?) -> FaultyStorage {
        FaultyStorage(read: { query, sound throws(StorageError) in
            let rows = try await sound.rows(for: query, .test)
            let places = (0..<rows.count).sorted { one, other in
                guard let key = query.resource.key(ofRow: one, in: rows),
                    let another = query.resource.key(ofRow: other, in: rows)
                else { return one < other }
                return precedes(key, another) ?? (one < other)
            }
            var ordered = RowBatch(width: rows.width)
            for place in places { ordered.append(row: place, of: rows) }
            return ordered
        })
    }
}

extension ValidatedRow {
    /// The same row with another key.
    func keyed(_ key: Key?, _ schema: ResourceSchema) throws -> ValidatedRow {
        guard let key else { return self }
        return with(key, schema)
    }
}
