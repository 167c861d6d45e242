import MartletModel

/// The results of a transaction's mutations, for a storage that does them one after the other.
///
/// A storage takes each mutation from ``next()``, does it, and says with ``append(_:)`` or ``refuse(_:)`` what came of it.
/// When there is no next one, ``result`` is the transaction's. One that was refused has to be undone as a whole.
///
/// What a refused transaction tells is the same on every storage:
///
/// - A mutation that is refused has no effect. Those after it meet the records as if it weren't part of the transaction.
/// - A mutation is refused for the first of these that applies: a value taken from an earlier result that isn't valid, a record
///   that isn't there, a precondition, references to no record, taken values or referring records.
/// - What only follows from an earlier refusal is none: a mutation that takes a value from a refused one isn't done, and a
///   record that a refused one would have made isn't missed.
/// - No mutation is done after the ``Refusal/maxCount``th that was refused, and none after the one whose records exceed
///   ``Transaction/maxBytes``.
public struct TransactionResults: Sendable {
    private struct Record: Hashable {
        let resource: String
        let key: Key
    }

    private let mutations: [Mutation]
    private let reservation: BufferReservation?
    /// Of the transaction.
    private let statedMaxBytes: Int
    /// Never so much that a single record could exceed what a ``RowBatch`` holds.
    private let maxBytes: Int
    /// No row where a mutation was not done.
    private var written: [Written] = []
    private var refusals: [Refusal] = []
    /// Records that would have been made by mutations that were not done.
    private var unmade: Set<Record> = []
    /// Of all mutations so far: what they write or the records that they result in, whichever is more.
    private var byteCount = 0
    /// Of ``byteCount``, what the transaction's reservation doesn't hold yet.
    private var uncounted = 0
    /// The change of the mutation that ``next()`` gave, if it takes values from earlier results.
    private var resolvedChange: Mutation.Change?
    /// Bytes of the row that it writes.
    private var currentBytes = 0
    private var isEnded = false

    public init(of transaction: Transaction) {
        mutations = transaction.mutations
        reservation = transaction.reservation
        statedMaxBytes = transaction.maxBytes
        maxBytes = min(transaction.maxBytes, 1 << 31)
        written.reserveCapacity(transaction.mutations.count)
    }

    /// The next mutation that is to be done, with the values that it takes from earlier results.
    public mutating func next() -> (mutation: Mutation, change: Mutation.Change)? {
        while !isEnded, written.count < mutations.count {
            let mutation = mutations[written.count]
            (resolvedChange, currentBytes) = (nil, 0)
            guard mutation.canBeResolved(after: written) else {
                pass()
                continue
            }
            let bytes = mutation.byteCount(after: written)
            guard written.isEmpty || bytes <= maxBytes - byteCount else {
                refuseForSize()
                return nil
            }
            guard mutation.takesResults else {
                currentBytes = bytes
                return (mutation, mutation.change)
            }
            switch mutation.resolved(written) {
            case .failure(let refusal): refuse(refusal.reason)
            case .success(let change):
                (resolvedChange, currentBytes) = (change, bytes)
                return (mutation, change)
            }
        }
        return nil
    }

    /// When the mutation that ``next()`` gave makes a record: those directly after it that do so too, and take nothing from earlier
    /// results. None of them has an effect on what comes of another, but for values that both have, so that a storage may send them
    /// together.
    public func insertsAhead(atMost count: Int) -> ArraySlice<Mutation> {
        guard case .insert? = currentChange else { return [] }
        return mutations.dropFirst(written.count + 1).prefix(count).prefix { mutation in
            if case .insert = mutation.change { mutation.references.isEmpty } else { false }
        }
    }

    /// The mutation was done.
    public mutating func append(_ result: Written) {
        let bytes = max(currentBytes, result.record.valueByteCount)
        // A single record may have any size, so that one which has become large can still be changed.
        guard written.isEmpty || bytes <= maxBytes - byteCount else { return refuseForSize() }
        byteCount += bytes
        // The answer to a write is sent whether there is room for it or not: so its room is taken before the commit.
        guard hold(bytes, answering: result.record) else {
            refusals = [Refusal(mutation: written.count, .overloaded)]
            isEnded = true
            return
        }
        written.append(result)
    }

    /// Counts bytes in the transaction's reservation; small ones together.
    private mutating func hold(_ bytes: Int, answering record: RowBatch) -> Bool {
        guard let reservation else { return true }
        uncounted += max(bytes, record.escapedByteCount)
        guard uncounted > BufferBudget.uncounted else { return true }
        defer { uncounted = 0 }
        return reservation.grow(by: uncounted)
    }

    /// The mutation can't be done.
    public mutating func refuse(_ reason: Refusal.Reason) {
        byteCount += currentBytes
        if let reason = withoutConsequences(reason) { refusals.append(Refusal(mutation: written.count, reason)) }
        pass()
        if refusals.count == Refusal.maxCount { isEnded = true }
    }

    /// What came of the transaction, once there is no next mutation.
    public var result: CommitResult {
        refusals.isEmpty ? .committed(written) : .refused(refusals)
    }

    private var currentChange: Mutation.Change? {
        resolvedChange ?? (written.count < mutations.count ? mutations[written.count].change : nil)
    }

    private mutating func refuseForSize() {
        refusals.append(Refusal(mutation: written.count, .tooLarge(maxBytes: statedMaxBytes)))
        isEnded = true
    }

    /// Goes on without the mutation.
    private mutating func pass() {
        let resource = mutations[written.count].resource
        let key: Key? =
            switch currentChange {
            case .insert(let row): resource.key(ofRow: 0, in: row.cells)
            case .upsert(let key, _): key
            case .update, .delete, nil: nil
            }
        if let key { unmade.insert(Record(resource: resource.name, key: key)) }
        written.append(Written(RowBatch(width: resource.width), isNew: false))
    }

    /// What is left of a reason when the records count that refused mutations would have made.
    private func withoutConsequences(_ reason: Refusal.Reason) -> Refusal.Reason? {
        guard !unmade.isEmpty, let change = currentChange else { return reason }
        let resource = mutations[written.count].resource
        switch reason {
        case .notFound:
            let isUnmade = change.key.map { unmade.contains(Record(resource: resource.name, key: $0)) }
            return isUnmade == true ? nil : reason
        case .referenceMissing(let columns):
            guard let row = change.row?.cells else { return reason }
            let missing = columns.filter { column in
                guard let key = Key(row[0, column], of: row), let reference = resource.fields[column].reference else {
                    return true
                }
                return !unmade.contains(Record(resource: reference.resource, key: key))
            }
            return missing.isEmpty ? nil : .referenceMissing(missing)
        default:
            return reason
        }
    }
}

extension Mutation {
    fileprivate var takesResults: Bool { !references.isEmpty || keyReference != nil }

    /// Whether the mutations that it takes values from were done.
    fileprivate func canBeResolved(after written: [Written]) -> Bool {
        guard takesResults else { return true }
        let mutations = references.values.map(\.mutation) + (keyReference.map { [$0.mutation] } ?? [])
        return mutations.allSatisfy { written.indices.contains($0) && !written[$0].record.isEmpty }
    }

    /// Bytes of the row that it writes, with the values that it takes from earlier results.
    fileprivate func byteCount(after written: [Written]) -> Int {
        references.values.reduce(change.row?.cells.valueByteCount ?? 0) { sum, reference in
            sum + Int(written[reference.mutation].record[0, reference.column].length)
        }
    }
}
