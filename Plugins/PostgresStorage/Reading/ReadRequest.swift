import MartletKernel
import MartletModel

/// A read on its way, and who waits for it.
///
/// `@unchecked Sendable`: it is made on its caller's thread and handed to the ``EventThread``, which alone uses it then.
final class ReadRequest: @unchecked Sendable {
    enum Kind {
        case rows(Table, Query.Selection)
        case list(ListRead)
        /// What is known of a transaction that was committed before.
        case knownResult(Idempotency, Timestamp)
    }

    let kind: Kind
    let deadline: ContinuousClock.Instant
    let waiter: Abandonment
    private var continuation: CheckedContinuation<Result<RowBatch, StorageError>, Never>?
    private var entry: ListStatements.Entry?
    /// How often a connection that it shared with others has failed it, for which it may be to blame.
    var failures = 0
    /// It was handed to connections that are not shared: nothing else is tried.
    var isAlone = false

    init(
        _ kind: Kind, until deadline: ContinuousClock.Instant, for waiter: Abandonment,
        _ continuation: CheckedContinuation<Result<RowBatch, StorageError>, Never>
    ) {
        self.kind = kind
        self.deadline = deadline
        self.waiter = waiter
        self.continuation = continuation
    }

    /// There is an answer: what comes from another connection is too late.
    var isDone = false

    /// Called once.
    func answer(_ result: Result<RowBatch, StorageError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }

    func statement(_ commands: Commands, _ lists: inout ListStatements) -> Statement {
        switch kind {
        case .rows(let table, .key): table.byKey
        case .rows(let table, .page(nil, _)): table.firstPage
        case .rows(let table, _): table.nextPage
        case .list(let list): entry(of: list, in: &lists).statement
        case .knownResult: commands.knownResult
        }
    }

    /// Looked up once.
    func entry(of list: ListRead, in lists: inout ListStatements) -> ListStatements.Entry {
        let found = entry ?? lists.entry(for: list.sql)
        entry = found
        return found
    }

    var tags: [Cell.Tag] {
        switch kind {
        case .rows(let table, _): table.tags
        case .list(let list): list.tags
        case .knownResult: Commands.knownResultTags
        }
    }

    func append(to parameters: inout Parameters) {
        switch kind {
        case .rows(_, .key(let key)): parameters.append(key)
        case .rows(_, .page(let after, let limit)):
            if let after { parameters.append(after) }
            // The server refuses a negative limit.
            parameters.append(Int64(max(limit, 0)))
        case .rows: break
        case .list(let list): list.sql.append(to: &parameters)
        case .knownResult(let idempotency, let time):
            parameters.append(idempotency.scopeBytes)
            parameters.append(time.expiry)
        }
    }

    /// Of the table that it reads; nil for Martlet's own.
    var ordinal: Int? {
        switch kind {
        case .rows(let table, _): table.layout.ordinal
        case .list(let list): list.table.layout.ordinal
        case .knownResult: nil
        }
    }
}

extension Idempotency {
    var scopeBytes: [UInt8] { Array(scope.utf8) }
}

extension Timestamp {
    /// Idempotency entries of then and before are too old.
    var expiry: Timestamp {
        Timestamp(clamping: microsecondsSince1970 - Idempotency.lifetime)
    }
}
