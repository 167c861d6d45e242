import MartletKernel
import MartletModel

/// Several changes, at a time, perhaps with an idempotency key.
struct RandomTransaction: Sendable {
    /// Unlike any other's of its sequence.
    var number: Int64
    var changes: [RandomChange]
    var time: Timestamp
    var idempotency: Idempotency?
}

extension RandomTransaction: CustomStringConvertible {
    var description: String {
        let key = idempotency.map { " with \($0.scope.debugDescription) \($0.fingerprint)" } ?? ""
        return "\(number) at \(time)\(key): \(changes.map { "\($0)" }.joined(separator: "; "))"
    }
}
