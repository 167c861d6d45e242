import MartletModel

/// A statement, which connections prepare when they first send it.
struct Statement: Sendable {
    /// Its place among those that a connection has prepared: in ``Catalog/statements``, or behind them in
    /// ``ListStatements``.
    let id: Int
    /// Tells it from those that had its place before.
    var edition = 0
    let sql: String
    /// Its parameters' types.
    let types: [Int32]

    /// The id of one that is prepared nowhere: it is planned each time, for its parameters' very values.
    static let unprepared = -1

    /// It may stand in a transaction that has failed, in which the server does nothing else.
    var endsFailure: Bool { sql == Commands.commitText || sql.hasPrefix("ROLLBACK") }
}
