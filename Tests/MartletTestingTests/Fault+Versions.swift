import MartletKernel
import MartletModel
import MartletTesting

extension Fault {
    static let ofVersions: [Fault] = [
        Fault(
            "counts the versions of each record by itself",
            any: {
                VersioningStorage { previous, _ in (previous ?? 0) + 1 }
            }),
        Fault(
            "gives a version to a change of nothing",
            any: {
                VersioningStorage(countsNothing: true) { previous, actual in max(previous ?? 0, actual * 1000) + 1 }
            }),
        Fault("gives versions that fall", any: { VersioningStorage { _, actual in 1_000_000_000 - actual } }),
        Fault("knows no versions", any: { VersioningStorage { _, _ in 1 } }),
        Fault(
            "keeps the version of a record whose reference became null",
            any: {
                VersioningStorage(forgetsDeletions: true) { _, actual in actual }
            }),
        Fault("gives all changes of a transaction one version") {
            .answering { result in
                guard case .committed(let written) = result else { return result }
                return .committed(written.map { $0.with(version: written.map(\.version).max() ?? 0) })
            }
        },
        Fault("shows versions in answers and older ones in reads") {
            .reading { rows in
                var rows = rows
                for row in 0..<rows.count {
                    let version = rows[row, rows.width - 1].integer ?? 0
                    rows.set(row: row, column: rows.width - 1, to: .integer(version - 1))
                }
                return rows
            }
        },
        Fault("gives every record of a changed table a new version", isSequential: false) {
            .reading { rows in
                guard rows.count > 1 else { return rows }
                var rows = rows
                for row in 0..<rows.count { rows.set(row: row, column: rows.width - 1, to: .integer(.max)) }
                return rows
            }
        },
        Fault("takes another spelling for no change", isSequential: false) {
            .changing { mutation, _, sound throws(StorageError) in
                guard case .update(let key, let row) = mutation.change, mutation.resource.name == "contract-items"
                else {
                    return nil
                }
                let record = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                guard !record.isEmpty else { return nil }
                let isSame = (1..<7).allSatisfy { column in
                    let (new, old) = (row.cells.string(of: row.cells[0, column]), record.string(of: record[0, column]))
                    return row.cells[0, column].isAbsent || (new != nil && new?.lowercased() == old?.lowercased())
                }
                return isSame ? .committed([Written(record, isNew: false)]) : nil
            }
        },
    ]

    static let ofPreconditions: [Fault] = [
        Fault("minds no precondition") { .demanding { _, _ in .none } },
        Fault("minds the first of several versions") {
            .demanding { precondition, _ in
                if case .version(let versions) = precondition {
                    .version(Array(versions.prefix(1)))
                } else {
                    precondition
                }
            }
        },
        Fault("takes no version for any") {
            .demanding { precondition, _ in precondition == .version([]) ? .none : precondition }
        },
        Fault("minds no precondition of a deletion") {
            .demanding { precondition, change in if case .delete = change { .none } else { precondition } }
        },
        Fault("minds no precondition of an upsert") {
            .demanding { precondition, change in if case .upsert = change { .none } else { precondition } }
        },
        Fault("takes a later version for the one that is meant") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                var mutations: [Mutation] = []
                for mutation in transaction.mutations {
                    guard case .version(let versions) = mutation.precondition, let key = mutation.change.key,
                        let record = try? await sound.rows(for: Query(mutation.resource, .key(key)), .test),
                        !record.isEmpty,
                        let version = record[0, record.width - 1].integer, versions.contains(where: { $0 > version })
                    else {
                        mutations.append(mutation)
                        continue
                    }
                    mutations.append(mutation.with(precondition: .none))
                }
                return try await sound.commit(transaction.with(mutations), .test)
            })
        },
        Fault("lets what is to be absent be changed") {
            .demanding { precondition, change in
                if case .upsert = change { precondition } else { precondition == .absent ? .none : precondition }
            }
        },
        Fault("minds no version where nothing is to change") {
            .demanding { precondition, change in
                if case .update(_, let row) = change, row.cells.cells.allSatisfy(\.isAbsent) {
                    .none
                } else {
                    precondition
                }
            }
        },
        Fault("minds no version that a row names") {
            .doing { mutation in
                guard case .update(let key, let row) = mutation.change, row.version != nil,
                    let other = try? ValidatedRow(row.cells, mutation.resource, for: .patch)
                else { return mutation }
                return Mutation(mutation.resource, .update(key, other))
            }
        },
        Fault("takes a missing record for a changed one") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                let result = try await sound.commit(transaction, .test)
                guard let refusal = result.refusal, refusal.reason == .notFound,
                    transaction.mutations[refusal.mutation].precondition != .none
                else { return result }
                return .refused([Refusal(mutation: refusal.mutation, .preconditionFailed)])
            })
        },
        Fault("takes a changed record for a missing one") {
            .refusing { refusal in
                refusal.reason == .preconditionFailed ? Refusal(mutation: refusal.mutation, .notFound) : refusal
            }
        },
        Fault("minds uniqueness and references before preconditions") {
            .changing { mutation, transaction, sound throws(StorageError) in
                guard mutation.precondition != .none,
                    mutation.resource.name == "owners" || mutation.resource.name == "remarks"
                else { return nil }
                let bare = mutation.with(precondition: .none)
                let result = try await sound.commit(transaction.with([bare, .never(mutation.resource)]), .test)
                guard case .refused(let refusals) = result, refusals[0].mutation == 0 else { return nil }
                return .refused([refusals[0]])
            }
        },
        Fault("looks at preconditions before a transaction, and not in it") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                var mutations: [Mutation] = []
                for mutation in transaction.mutations {
                    guard case .version(let versions) = mutation.precondition, let key = mutation.change.key else {
                        mutations.append(mutation)
                        continue
                    }
                    let record = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                    let version = record.isEmpty ? nil : record[0, record.width - 1].integer
                    let holds = version.map(versions.contains) == true
                    mutations.append(holds ? mutation.with(precondition: .none) : mutation)
                }
                await letOthersCome()
                return try await sound.commit(transaction.with(mutations), .test)
            })
        },
    ]
}
