import MartletKernel
import MartletModel
import Synchronization

/// When a storage's first transaction was.
final class FirstTime: Sendable {
    private let first = Mutex<Int64?>(nil)

    /// The transaction at another time, by how long it is since the first.
    func aging(_ transaction: Transaction, _ change: (Int64) -> Int64) -> Transaction {
        let time = transaction.time.microsecondsSince1970
        let start = first.withLock { first in
            first = first ?? time
            return first ?? time
        }
        let age = time == start ? 0 : change(time - start)
        return Transaction(
            transaction.mutations, at: Timestamp(clamping: start + age), idempotency: transaction.idempotency)
    }
}
