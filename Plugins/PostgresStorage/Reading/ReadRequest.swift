import MartletKernel
import MartletModel
import MartletSQL

/// A read on its way, and who waits for it.
///
/// `@unchecked Sendable`: it is made on its caller's thread and handed to the ``EventThread``, which alone uses it then.
final class ReadRequest: @unchecked Sendable {
    enum Kind {
        case rows(Table, Query)
        case list(ListRead)
        /// What is known of a transaction that was committed before.
        case knownResult(Idempotency, Timestamp)
        /// ``Catalog/presentColumns``.
        case presentColumns(Statement)
        /// Ends a process of the server.
        case termination(Backend)
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
        case .rows(let table, let query):
            switch query.selection {
            case .key: table.byKey
            case .page(nil, _): table.firstPage
            default: table.nextPage
            }
        case .list(let list): entry(of: list, in: &lists).statement
        case .knownResult: commands.knownResult
        case .presentColumns(let statement): statement
        case .termination: commands.terminate
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
        case .rows(let table, let query): if case .key = query.selection { table.tags } else { table.layout.pageTags }
        case .list(let list): list.tags
        case .knownResult: Commands.knownResultTags
        case .presentColumns: Catalog.presentColumnsTags
        case .termination: Commands.terminateTags
        }
    }

    func append(to parameters: inout Parameters) {
        switch kind {
        case .rows(_, let query): Self.append(query.selection, to: &parameters)
        case .list(let list): list.sql.append(to: &parameters)
        case .knownResult(let idempotency, let time):
            parameters.append(idempotency.scopeBytes)
            parameters.append(time.expiry)
        case .presentColumns: break
        case .termination(let backend):
            parameters.append(backend.process)
            parameters.append(backend.start)
        }
    }

    private static func append(_ selection: Query.Selection, to parameters: inout Parameters) {
        switch selection {
        case .key(let key): parameters.append(key)
        case .page(let after, let limit):
            if let after { parameters.append(after) }
            // The server refuses a negative limit.
            parameters.append(Int64(max(limit, 0)))
        case .list, .count: break
        }
    }

    /// What was asked for, if it is a table's records.
    var query: Query? {
        switch kind {
        case .rows(_, let query): query
        case .list(let list): list.query
        case .knownResult, .presentColumns, .termination: nil
        }
    }

    /// For errors.
    var tableName: String {
        switch kind {
        case .rows(let table, _): table.schema.table
        case .list(let list): list.table.schema.table
        case .knownResult: ServerTables.idempotency
        case .presentColumns: "pg_attribute"
        case .termination: "pg_stat_activity"
        }
    }

    /// It reads one record by its key.
    var isOfKey: Bool {
        if case .rows(_, let query) = kind, case .key = query.selection { true } else { false }
    }

    /// Of the table that it reads; nil for Martlet's own.
    var ordinal: Int? {
        switch kind {
        case .rows(let table, _): table.layout.ordinal
        case .list(let list): list.table.layout.ordinal
        case .knownResult, .presentColumns, .termination: nil
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
