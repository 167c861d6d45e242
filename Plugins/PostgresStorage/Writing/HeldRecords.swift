import MartletKernel
import MartletModel

/// What others' locks have kept a batch from changing: transactions that mean to change it too wait by themselves, for a
/// while, so that the next batches don't wait for it one after the other.
struct HeldRecords {
    private struct Entry {
        let resource: ResourceSchema
        /// Nil for new records: an unfinished change of others may come to have the same value, or the table is locked.
        let key: Key?
        let end: ContinuousClock.Instant
    }

    private static let avoidance = Duration.milliseconds(500)

    private var entries: [Entry] = []

    mutating func insert(_ transaction: Transaction, _ now: ContinuousClock.Instant) {
        for mutation in transaction.mutations where !contains(mutation) {
            entries.append(
                Entry(resource: mutation.resource, key: mutation.change.key, end: now + Self.avoidance))
        }
    }

    mutating func contains(oneOf transaction: Transaction, _ now: ContinuousClock.Instant) -> Bool {
        guard !entries.isEmpty else { return false }
        entries.removeAll { $0.end <= now }
        return transaction.mutations.contains { contains($0) }
    }

    private func contains(_ mutation: Mutation) -> Bool {
        entries.contains { $0.resource === mutation.resource && $0.key == mutation.change.key }
    }
}
