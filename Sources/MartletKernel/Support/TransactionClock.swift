package import MartletModel

/// The time by which idempotency entries grow old: that of the transactions, which goes on with the clock between them.
package struct TransactionClock: Sendable {
    private let clock: WallClock
    /// By how many microseconds the clock was ahead of the last transaction.
    private var offset: Int64 = 0

    /// - Parameter clock: tells the time until there is a transaction.
    package init(_ clock: WallClock) {
        self.clock = clock
    }

    /// A transaction was committed.
    package mutating func set(by transaction: Transaction) {
        offset = clock.now() - transaction.time.microsecondsSince1970
    }

    /// Entries of then and before are dropped, and those after the latest, which are of a time when the clock was ahead.
    package var purgeBounds: (oldest: Timestamp, latest: Timestamp) {
        let now = Timestamp(clamping: clock.now() - offset).microsecondsSince1970
        return (Timestamp(clamping: now - Idempotency.purgeAge), Timestamp(clamping: now + Idempotency.purgeAge))
    }
}
