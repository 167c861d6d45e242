import CSQLite
import MartletKernel
import MartletModel
import MartletSQL

/// A read-only connection with the statements of every read that it has done.
///
/// `@unchecked Sendable`: ``ReaderPool`` lends it to one thread at a time, under its lock. In debug builds it checks that
/// no other thread uses it.
final class Reader: @unchecked Sendable {
    /// What ends a read before its rows do.
    enum Limit {
        /// A number of instructions of SQLite's virtual machine: a bound on work that needs no clock.
        case instructions(Int32)
        /// The deadline that each read is given, or a cancellation.
        case deadline(ReadCancellation)

        fileprivate var isDeadline: Bool {
            if case .deadline = self { true } else { false }
        }

        fileprivate var cancellation: ReadCancellation {
            if case .deadline(let cancellation) = self { cancellation } else { ReadCancellation() }
        }
    }

    /// Its place in the pool.
    let slot: Int
    /// To whom it is lent.
    let borrower = ThreadOwnership()
    private static let misuse = "a reader is used by another thread than it was lent to"
    private let catalog: Catalog
    private let schema: SchemaSnapshot
    private let connection: Connection
    private let idempotency: IdempotencyTable
    /// By table and form: `ordinal * TableLayout.Read.allCases.count + form`.
    private var statements: [Statement?]
    private static let mostParametersKept = 256
    /// Of lists and counts.
    private var queries = RecentlyUsed<QueryShape, Statement>(capacity: 64)
    /// With ``Limit/deadline`` alone: what has to be short, is.
    private let counter: RowCounter?
    private let patterns: PatternFunctions?
    /// It runs on its caller's thread, perhaps an event loop: what takes long or has many bytes isn't its own.
    private let isOnLoop: Bool
    /// The most bytes that are read on an event loop.
    private static let loopBytes = 256 << 10
    /// The average of the last read, to have room for the next one from the start.
    private var bytesPerRow = 64
    /// Where SQLite's callback finds it.
    private let deadline: UnsafeMutablePointer<ReadDeadline>

    init(
        slot: Int, path: String, vfs: String?, catalog: Catalog, schema: SchemaSnapshot, limit: Limit
    ) throws(SQLiteError) {
        self.slot = slot
        self.catalog = catalog
        self.schema = schema
        connection = try Connection(.reader, path: path, vfs: vfs)
        idempotency = IdempotencyTable(on: connection)
        statements = Array(repeating: nil, count: catalog.tables.count * TableLayout.Read.allCases.count)
        deadline = .allocate(capacity: 1)
        deadline.initialize(to: ReadDeadline(cancellation: limit.cancellation))
        isOnLoop = !limit.isDeadline
        counter = limit.isDeadline ? try RowCounter(on: connection, until: deadline) : nil
        patterns = limit.isDeadline ? try PatternFunctions(on: connection, until: deadline) : nil
        // Opens the log now, and not when a file of another database may have its name.
        _ = try connection.integer("SELECT 1 FROM sqlite_schema")
        install(limit)
    }

    deinit {
        close()
        deadline.deinitialize(count: 1)
        deadline.deallocate()
    }

    func close() {
        connection.close()
    }

    /// For a reader with ``Limit/deadline``: when what it reads next is over.
    func giveUp(at end: ContinuousClock.Instant) {
        assert(borrower.isCurrentThread, Self.misuse)
        deadline.pointee.end = end
    }

    /// How many records the last list or count had to look at; 0 where they weren't counted.
    var rowsLookedAt: Int { counter?.rows ?? 0 }

    /// What became of a transaction, if it was committed before.
    func replay(of transaction: Transaction) throws(SQLiteError) -> CommitResult? {
        assert(borrower.isCurrentThread, Self.misuse)
        return try idempotency.result(of: transaction)
    }

    /// - Throws: `SQLITE_INTERRUPT` or `SQLITE_TOOBIG` at its limit; ``SQLiteError/overloaded``; `SQLITE_MISUSE` for a schema
    ///   that wasn't prepared.
    func rows(for query: Query) throws(SQLiteError) -> RowBatch {
        assert(borrower.isCurrentThread, Self.misuse)
        var account = ByteAccount(query, limit: isOnLoop ? Self.loopBytes : nil)
        do throws(SQLiteError) {
            return try rows(for: query, &account)
        } catch {
            account.giveBack()
            throw schema.explain(error, on: connection).inTable(query.resource)
        }
    }

    private func rows(for query: Query, _ account: inout ByteAccount) throws(SQLiteError) -> RowBatch {
        guard let ordinal = catalog.ordinal(of: query.resource) else {
            throw SQLiteError(SQLITE_MISUSE, "\(query.resource.name) was not prepared")
        }
        counter?.rows = 0
        switch query.selection {
        case .key(let key):
            let statement = try statement(.byKey, ordinal)
            try statement.bind(key, at: 1)
            return try read(statement, catalog.tables[ordinal].tags, expecting: 1, &account)
        case .page(nil, let limit):
            let statement = try statement(.firstPage, ordinal)
            return try page(statement, catalog.tables[ordinal], limit, at: 1, &account)
        case .page(let after?, let limit):
            let statement = try statement(.nextPage, ordinal)
            try statement.bind(after, at: 1)
            return try page(statement, catalog.tables[ordinal], limit, at: 2, &account)
        case .list(let list):
            let sql = SQLQuery(list, of: query.resource, ordinal: ordinal, .sqlite)
            let tags = catalog.tables[ordinal].tags(of: sql.columns)
            return try read(statement(sql), tags, expecting: min(max(list.limit, 1), 128), &account)
        case .count(let filter):
            let sql = SQLQuery(counting: filter, of: query.resource, ordinal: ordinal, .sqlite)
            let count = try read(statement(sql), [.integer], expecting: 1, &account)
            if filter == .all { counter?.rows = Int(count[0, 0].integer ?? 0) }
            return count
        }
    }

    private func statement(_ sql: SQLQuery) throws(SQLiteError) -> Statement {
        let statement: Statement
        if let kept = queries.value(for: sql.shape) {
            statement = kept
        } else {
            let text = sql.text(visitingBy: counter.map { _ in RowCounter.function })
            statement = try Statement(text, on: connection)
            // One of a thousand values takes megabytes, and seldom comes again.
            if sql.parameters.count <= Self.mostParametersKept { queries.insert(statement, for: sql.shape) }
        }
        for (index, parameter) in sql.parameters.enumerated() { try statement.bind(parameter, at: Int32(index + 1)) }
        return statement
    }

    private func page(
        _ statement: Statement, _ table: TableLayout, _ limit: Int, at parameter: Int32, _ account: inout ByteAccount
    ) throws(SQLiteError) -> RowBatch {
        // To SQLite a negative limit is none (https://www.sqlite.org/lang_select.html#limitoffset).
        try statement.bind(Int64(max(limit, 0)), at: parameter)
        return try read(statement, table.pageTags, expecting: min(max(limit, 1), 128), &account)
    }

    private func read(
        _ statement: Statement, _ tags: [Cell.Tag], expecting rows: Int, _ account: inout ByteAccount
    ) throws(SQLiteError) -> RowBatch {
        var batch = RowBatch(width: tags.count, reservingRows: rows, bytes: rows * bytesPerRow)
        defer { statement.reset() }
        // The limit counts a statement's instructions over all of its runs, unless they are set back to 0
        // (https://www.sqlite.org/c3ref/progress_handler.html, sqlite3_stmt_status).
        sqlite3_stmt_status(statement.handle, SQLITE_STMTSTATUS_VM_STEP, 1)
        while try statement.step() {
            try statement.appendRow(to: &batch, tags)
            if try account.endsPage(batch) { break }
        }
        if !batch.isEmpty { bytesPerRow = min(batch.heap.count / batch.count + 16, 1024) }
        return batch
    }

    private func statement(_ read: TableLayout.Read, _ ordinal: Int) throws(SQLiteError) -> Statement {
        let index = ordinal * TableLayout.Read.allCases.count + read.rawValue
        if let statement = statements[index] { return statement }
        let statement = try Statement(catalog.tables[ordinal].select(read), on: connection)
        statements[index] = statement
        return statement
    }

    private func install(_ limit: Limit) {
        switch limit {
        case .instructions(let count):
            sqlite3_progress_handler(connection.handle, count, { _ in 1 }, nil)
            // A larger record is refused before it is read (https://www.sqlite.org/c3ref/c_limit_attached.html).
            sqlite3_limit(connection.handle, SQLITE_LIMIT_LENGTH, Int32(Self.loopBytes))
        case .deadline:
            // It may wait, on a thread of its own.
            sqlite3_busy_timeout(connection.handle, 1000)
            sqlite3_progress_handler(connection.handle, 10_000, Self.isLate, deadline)
        }
    }

    private static let isLate: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
        guard let deadline = context?.assumingMemoryBound(to: ReadDeadline.self) else { return 1 }
        return deadline.pointee.hasPassed ? 1 : 0
    }
}

/// Counts the bytes of a read's rows while they come: for the end of the page, for the server's budget, and for the event
/// loop that it may run on.
private struct ByteAccount {
    /// ``Query/maxBytes``.
    private let maxBytes: Int?
    private let reservation: BufferReservation?
    /// The most bytes that may be read here.
    private let limit: Int?
    /// What the reservation had before.
    private let before: Int
    /// What this read has of the reservation.
    private var reserved = 0
    /// Below it there is nothing to decide.
    private var nextLook: Int

    private static let step = 64 << 10
    /// As few needn't be counted.
    private static let uncounted = 16 << 10
    /// Without a reservation: half of what a batch can hold, as one record may come to it.
    private static let largestBatch = 1 << 30

    init(_ query: Query, limit: Int?) {
        (maxBytes, reservation) = (query.maxBytes, query.reservation)
        self.limit = limit
        before = reservation?.bytes ?? 0
        nextLook = min(Self.uncounted, maxBytes ?? .max)
    }

    /// - Returns: whether no more rows are wanted.
    /// - Throws: `SQLITE_INTERRUPT` when there are more bytes than may be read here; ``SQLiteError/overloaded``.
    mutating func endsPage(_ rows: RowBatch) throws(SQLiteError) -> Bool {
        let bytes = rows.byteCount
        guard bytes > nextLook else { return false }
        if let limit, bytes > limit { throw SQLiteError(SQLITE_INTERRUPT, "more than \(limit) bytes") }
        guard bytes <= Self.largestBatch else { throw .overloaded }
        try reserve(bytes)
        if let maxBytes {
            if bytes > maxBytes && rows.count >= 2 { return true }
            nextLook = bytes < maxBytes ? min(nextLook, maxBytes) : bytes
        }
        return false
    }

    private mutating func reserve(_ bytes: Int) throws(SQLiteError) {
        let needed = (bytes + Self.step - 1) / Self.step * Self.step
        if let reservation, needed > reserved {
            guard reservation.grow(by: needed - reserved) else { throw .overloaded }
        }
        reserved = max(needed, reserved)
        nextLook = min(reserved, limit ?? .max)
    }

    /// The rows are not used.
    func giveBack() {
        guard let reservation, reserved > 0 else { return }
        _ = reservation.resize(to: before)
    }
}

extension Statement {
    fileprivate func bind(_ value: SQLParameter, at parameter: Int32) throws(SQLiteError) {
        switch value {
        case .value(let rows, let row, let column): try bind(rows[row, column], of: rows, at: parameter)
        case .text(let text): try bind(text, at: parameter)
        case .limit(let rows): try bind(Int64(rows), at: parameter)
        case .array: throw SQLiteError(SQLITE_MISUSE, "SQLite has no arrays")
        }
    }
}
