import CSQLite

/// The versions that changes give to records: one sequence for the whole database, which only grows.
///
/// Versions are reserved in the database many at a time, so that most commits write nothing for it. What was reserved and
/// not used when the process ends is never given.
final class VersionSequence {
    private static let step: Int64 = 4096

    private let connection: Connection
    private var update: Statement?
    private var last: Int64
    private var reserved: Int64

    /// - Parameter connection: the one that writes.
    init(on connection: Connection) throws(SQLiteError) {
        self.connection = connection
        reserved = try connection.integer("SELECT reserved FROM martlet_versions")
        last = reserved
    }

    /// Makes sure that so many can be given. In a transaction, but in no savepoint of it: what takes a savepoint back must
    /// not take this back.
    func reserve(_ count: Int) throws(SQLiteError) {
        let (needed, isBeyond) = last.addingReportingOverflow(Int64(count) + Self.step)
        guard !isBeyond else {
            throw SQLiteError(SQLITE_MISMATCH, "martlet_versions has no version left: another program has written it")
        }
        guard needed - Self.step > reserved else { return }
        if update == nil { update = try Statement("UPDATE martlet_versions SET reserved = ?1", on: connection) }
        guard let statement = update else { return }
        try statement.bind(needed, at: 1)
        try statement.run()
        reserved = needed
    }

    /// After a rollback, which may have undone a reservation.
    func reload() throws(SQLiteError) {
        reserved = try connection.integer("SELECT reserved FROM martlet_versions")
    }

    /// The next one. As many were reserved before.
    func next() -> Int64 {
        last += 1
        return last
    }
}
