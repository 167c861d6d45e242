/// What a sequence calls a version: that which a mutation of one of its transactions has written.
struct VersionName: Hashable, Sendable {
    let transaction: Int64
    let mutation: Int
}

extension VersionName: CustomStringConvertible {
    var description: String { "v\(transaction).\(mutation)" }
}
