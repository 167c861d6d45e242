import Foundation
import MartletKernel
import MartletModel
import MartletTesting

extension Fault {
    static let ofResults: [Fault] = [
        Fault("takes no value from results") {
            .doing { $0.with(references: [:], keyReference: $0.keyReference) }
        },
        Fault("takes the first field of a result") {
            .doing { mutation in
                let references = mutation.references.mapValues { ResultReference(mutation: $0.mutation, column: 0) }
                return mutation.with(references: references, keyReference: mutation.keyReference)
            }
        },
        Fault("takes all values from the first result") {
            .doing { mutation in
                let references = mutation.references.mapValues { ResultReference(mutation: 0, column: $0.column) }
                return mutation.with(references: references, keyReference: mutation.keyReference)
            }
        },
        Fault("takes no key from results") {
            .doing { $0.with(references: $0.references, keyReference: nil) }
        },
        Fault("makes the record that an upsert's own row names") {
            .doing { mutation in
                guard case .upsert(let key, let row) = mutation.change, mutation.keyReference != nil else {
                    return mutation
                }
                return Mutation(mutation.resource, .upsert(key, row), if: mutation.precondition)
            }
        },
        Fault("checks no value that comes from a result") {
            .answering { result in
                guard let refusal = result.refusal, case .invalid = refusal.reason else { return result }
                return .committed([])
            }
        },
        Fault("says only that a value from a result is wrong") {
            .refusing { refusal in
                guard case .invalid = refusal.reason else { return refusal }
                return Refusal(mutation: refusal.mutation, .invalid([]))
            }
        },
    ]

    static let ofIdempotency: [Fault] = [
        Fault("does again what was done") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                try await sound.commit(transaction.with(nil), .test)
            })
        },
        Fault("answers what was done before as if it was done now") {
            .answering { if case .replayed(let written) = $0 { .committed(written) } else { $0 } }
        },
        Fault("minds no fingerprint") { .sending { Idempotency(scope: $0.scope, fingerprint: 0) } },
        Fault("minds the lower half of a fingerprint", isSequential: false) {
            .sending { Idempotency(scope: $0.scope, fingerprint: $0.fingerprint & 0xFFFF_FFFF) }
        },
        Fault("composes idempotency keys") {
            .sending {
                Idempotency(scope: $0.scope.precomposedStringWithCanonicalMapping, fingerprint: $0.fingerprint)
            }
        },
        Fault("ignores the case of idempotency keys") {
            .sending { Idempotency(scope: $0.scope.uppercased(), fingerprint: $0.fingerprint) }
        },
        Fault("answers with the record as it is now") {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                guard case .replayed(let written) = try await sound.commit(transaction, .test) else {
                    return try await sound.commit(transaction, .test)
                }
                var current: [Written] = []
                for (mutation, each) in zip(transaction.mutations, written) {
                    guard let key = mutation.resource.key(ofRow: 0, in: each.record) else { continue }
                    let record = try await sound.rows(for: Query(mutation.resource, .key(key)), .test)
                    current.append(Written(record, isNew: each.isNew))
                }
                return .replayed(current)
            })
        },
        Fault("keeps no bytes with an idempotency key") {
            .answering { result in
                guard case .replayed = result else { return result }
                return result.mapping { written in
                    var record = written.record
                    for column in 0..<record.width where !record.isEmpty && record[0, column].tag == .bytes {
                        record.set(row: 0, column: column, to: .null)
                    }
                    return Written(record, isNew: written.isNew)
                }
            }
        },
        Fault("knows nothing before it is asked to do it") {
            FaultyStorage(known: { _, _ throws(StorageError) in nil })
        },
        Fault("takes what it can't tell any more for another request") {
            FaultyStorage(known: { transaction, sound throws(StorageError) in
                let known = try await sound.replay(of: transaction, .test)
                guard case .alreadyDone? = known?.refusal?.reason else { return known }
                return .refused([Refusal(mutation: 0, .idempotencyKeyReused)])
            })
        },
        Fault("does what it is only to tell") {
            FaultyStorage(known: { transaction, sound throws(StorageError) in
                if let known = try await sound.replay(of: transaction, .test) { return known }
                return transaction.idempotency == nil ? nil : try await sound.commit(transaction, .test)
            })
        },
        Fault("keeps refusals", any: { KeepingStorage(keepsRefusals: true) }),
        Fault(
            "looks whether it was done before it does it, and not when it does", isSequential: false,
            any: {
                KeepingStorage(keepsRefusals: false)
            }),
        Fault("knows for an hour") { .aging { $0 * 24 } },
        Fault("knows for a year") { .aging { $0 / 365 } },
        Fault("knows for a microsecond too long", isSequential: false) { .aging { $0 - 1 } },
        Fault("knows for a microsecond too short", isSequential: false) { .aging { $0 + 1 } },
    ]
}

extension FaultyStorage {
    /// Has other idempotency keys.
    fileprivate static func sending(_ change: @escaping @Sendable (Idempotency) -> Idempotency) -> FaultyStorage {
        FaultyStorage(
            write: { transaction, sound throws(StorageError) in
                try await sound.commit(transaction.with(transaction.idempotency.map(change)), .test)
            },
            known: { transaction, sound throws(StorageError) in
                try await sound.replay(of: transaction.with(transaction.idempotency.map(change)), .test)
            })
    }

    /// Has another idea of how much time has gone by since the first transaction with an idempotency key.
    fileprivate static func aging(_ change: @escaping @Sendable (Int64) -> Int64) -> FaultyStorage {
        let first = FirstTime()
        return FaultyStorage(
            write: { transaction, sound throws(StorageError) in
                guard transaction.idempotency != nil else { return try await sound.commit(transaction, .test) }
                return try await sound.commit(first.aging(transaction, change), .test)
            },
            known: { transaction, sound throws(StorageError) in
                try await sound.replay(of: first.aging(transaction, change), .test)
            })
    }
}
