public import MartletModel

/// Where records are kept. A storage plugin provides one as ``Capability/storage``.
///
/// What each call means is the same on every storage; `StorageContract` in MartletTesting checks it. All calls may
/// come from any thread, at the same time.
public protocol Storage: Sendable {
    /// Opens the database and brings its tables in line with the schemas, as a ``Migration`` that loses nothing. Called
    /// once, before any other.
    /// - Throws: ``StorageError/unavailable(_:)`` when the database can't be reached now, and waiting may help;
    ///   ``StorageError/unusable(_:)`` when somebody has to do something, as it can't be opened or can't be brought in line
    ///   without a loss: then with all that stands against it, and the database is as before.
    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError)

    /// Brings the tables in line with the schemas, whole or not at all, and leaves the database closed: nothing else is
    /// called on this storage. A storage without tables of its own needs none of this.
    /// - Returns: what was done, or with ``Migration/Mode/plan`` what would be.
    /// - Throws: like ``prepare(_:)``.
    func migrate(to schemas: [ResourceSchema], _ mode: Migration.Mode) async throws(StorageError) -> Migration

    /// The rows that a query asks for: columns are the schema's fields, in its order, and the version; none absent, unless
    /// the query says which are wanted. For a count one row of one integer.
    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch

    /// Begins the same read: a storage that has the rows without waiting gives them at once. It is called on an event loop, which
    /// nothing may hold up. Without an implementation of its own, a storage is always waited for.
    func beginRead(_ query: Query, _ context: RequestContext) throws(StorageError) -> Eventual<RowBatch, StorageError>

    /// Does all mutations or none, in their order, and returns once they are durable.
    ///
    /// Every change gives its record a new version: from one sequence of the storage, which only grows, also over
    /// restarts. With a ``Transaction/idempotency`` whose scope is known from the last 24 hours, nothing is done, and
    /// ``Transaction/result(of:)`` is the answer. Else an ``IdempotencyEntry`` is written in the same commit.
    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult

    /// What ``commit(_:)`` would answer by the transaction's idempotency entry alone: nil when there is none.
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult?

    /// Whether the storage can do its work right now.
    func health() async -> Health

    /// Finishes what was begun, and releases the database. Calls that come after it throw
    /// ``StorageError/unavailable(_:)``; to close again does nothing.
    func close() async
}

extension Storage {
    public func beginRead(
        _ query: Query, _ context: RequestContext
    ) throws(StorageError) -> Eventual<RowBatch, StorageError> {
        .later { () async throws(StorageError) -> RowBatch in try await self.rows(for: query, context) }
    }

    /// For a storage whose records don't outlive it, or take any schema.
    public func migrate(to schemas: [ResourceSchema], _ mode: Migration.Mode) async throws(StorageError) -> Migration {
        throw .unusable("this storage has no migrations")
    }
}

/// What a storage says of itself.
public enum Health: Sendable, Equatable {
    case ready
    /// What is amiss, for an operator.
    case notReady(String)
}

/// Why a storage couldn't answer. What is expected of clients (a taken value, a missing record) is a ``CommitResult``.
public enum StorageError: Error, Sendable, Equatable {
    /// Too much is waiting; nothing was done.
    case overloaded
    /// The database can't be reached or has failed; nothing was done. The text is for the log.
    case unavailable(String)
    /// The database doesn't take this, as its tables, triggers or rights aren't as the resources have them: a newer server or somebody
    /// has changed them. Nothing was done. The text is for the log.
    case outdated(String)
    /// The database takes none such: a constraint or a trigger that the resources don't have stands against it; nothing was done. The
    /// text names it, for the client and the log.
    case rejected(String)
    /// The database is there and couldn't do it: a limit, a setting, or what an operator did; nothing was done. The text is for the log.
    case failed(String)
    /// It took longer than allowed; nothing was done.
    case deadlineExceeded
    /// Something that the storage waits for did not come in time; nothing was done. The text says what, for the client and the
    /// log, as it follows the words "waiting for": "a lock that another transaction holds".
    case timedOut(waitingFor: String)
    /// The database has not confirmed the commit: it may or may not have happened.
    case outcomeUnknown(String)
    /// No space is left; nothing was done.
    case full
    /// A table has given its highest key, so that no record can be added to it; nothing was done. The text is for the log.
    case noKeysLeft(String)
    /// At start: the database can't be used as it is. The text is for the operator.
    case unusable(String)
    /// A bug. The text is for the log.
    case `internal`(String)
}
