import MartletModel

/// A statement that connections prepare when they first send it.
struct Statement: Sendable {
    /// Its place in ``Catalog/statements``.
    let id: Int
    let sql: String
    /// Its parameters' types.
    let types: [Int32]
}
