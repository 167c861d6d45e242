import CPostgres
import MartletKernel

/// What the database, or libpq, answered instead of doing its work.
///
/// Decisions are made by the SQLSTATE alone (<https://www.postgresql.org/docs/current/errcodes-appendix.html>): the texts
/// are for the log, and depend on the server's language.
struct PostgresError: Error {
    /// Five characters; empty for what is no answer of the server: a lost connection, or one that was never made.
    let state: String
    let message: String
    /// What was violated, if a constraint was.
    var constraint: ConstraintName?
    /// The column that the error is about, if the server names it: of a null where none may be.
    private(set) var column: String?
    /// Nothing came in time: ``message`` says what was waited for.
    private(set) var isTimeout = false
    /// This server has no room for its rows.
    private(set) var isOverload = false
    /// It is no answer of the server, and waiting doesn't help all the same.
    private(set) var isFinal = false

    /// Of a result that is an error.
    init(_ result: OpaquePointer) {
        state = Self.field(result, MARTLET_PG_DIAG_SQLSTATE) ?? ""
        // Without DETAIL, which quotes values.
        message = Self.field(result, MARTLET_PG_DIAG_MESSAGE_PRIMARY) ?? "the connection is lost"
        column = Self.field(result, MARTLET_PG_DIAG_COLUMN_NAME)
        if let schema = Self.field(result, MARTLET_PG_DIAG_SCHEMA_NAME),
            let table = Self.field(result, MARTLET_PG_DIAG_TABLE_NAME),
            let name = Self.field(result, MARTLET_PG_DIAG_CONSTRAINT_NAME)
        {
            constraint = ConstraintName(schema: schema, table: table, name: name)
        }
    }

    private init(state: String, message: String) {
        self.state = state
        self.message = message
    }

    /// The connection isn't there any more, or was never there.
    static func lost(_ message: String) -> PostgresError { PostgresError(state: "", message: message) }

    /// Nothing came in time, and the connection isn't waited for any more.
    /// - Parameter wait: what was waited for, as it follows the words "waiting for".
    static func timedOut(waitingFor wait: String) -> PostgresError {
        var error = PostgresError(state: "", message: wait)
        error.isTimeout = true
        return error
    }

    /// This machine can't do it.
    static func system(_ message: String) -> PostgresError { PostgresError(state: "58000", message: message) }

    /// Others have changed the same at the same time, which shows only now.
    static let again = PostgresError(state: "40000", message: "others have changed the same at the same time")

    /// This server has no room for the rows.
    static let overloaded: PostgresError = {
        var error = PostgresError(state: "53000", message: "no room for the rows")
        error.isOverload = true
        return error
    }()

    /// Somebody has changed a column of a table by hand.
    static func changedColumn(_ name: String, _ what: String) -> PostgresError {
        PostgresError(state: "42804", message: "the column \(name) \(what): \(advice)")
    }

    /// Somebody has given a table a rule, by which the server has done another kind of statement: it returns nothing then.
    static func changedStatement(_ columns: Int, insteadOf selected: Int) -> PostgresError {
        PostgresError(
            state: "42804", message: "a statement has returned \(columns) columns, not \(selected): \(advice)")
    }

    /// A stored value that its field can't have: another program has put it there. It stays so over a restart.
    /// - Parameter key: of the record, where it is known.
    static func unreadable(_ what: String, in column: String, _ key: String?) -> PostgresError {
        let record = key.map { ", in the record with the key \($0)" } ?? ""
        return PostgresError(
            state: "XX001",
            message:
                "the column \(column) holds \(what), which its field can't have\(record): another program has written it"
        )
    }

    /// data_corrupted, by ``unreadable(_:in:_:)``.
    private var isUnreadable: Bool { state == "XX001" }

    /// The server may have done its statement: what it has answered can't be read.
    var isOfReading: Bool { isUnreadable || isOverload || state == "42804" }

    private static let advice =
        "somebody has changed the table by hand. Undo the change, or restart Martlet, whose start says what differs"

    /// The same error; if the table or a value in it isn't as it should be, it says which table.
    func naming(_ table: String) -> PostgresError {
        isOfChangedDatabase || isUnreadable
            ? PostgresError(state: state, message: "the table \(table): \(message)") : self
    }

    /// A bug.
    static func bug(_ message: String) -> PostgresError { PostgresError(state: "XX000", message: message) }

    /// What Martlet itself doesn't do, and says why.
    /// - Parameter isFinal: somebody has to do something; else waiting may help.
    static func refused(_ reason: String, isFinal: Bool = true) -> PostgresError {
        var error = PostgresError(state: "", message: reason)
        error.isFinal = isFinal
        return error
    }

    /// A connection that could not be opened.
    /// - Parameters:
    ///   - state: the server's reason; nil when it wasn't the server that refused it.
    ///   - isFinal: somebody has to do something before it can be.
    static func notConnected(_ message: String, state: String?, isFinal: Bool) -> PostgresError {
        var error = PostgresError(state: state ?? "", message: message)
        error.isFinal = isFinal
        return error
    }

    private static func field(_ result: OpaquePointer, _ field: Int32) -> String? {
        pq_resultErrorField(result, field).map { String(cString: $0) }
    }
}

/// A constraint or a unique index, as an error names it.
struct ConstraintName: Sendable {
    let schema, table, name: String
}

extension PostgresError {
    /// The connection is of no use any more, or will be gone at once: admin_shutdown, crash_shutdown, cannot_connect_now,
    /// idle_session_timeout, idle_in_transaction_session_timeout, connection_does_not_exist, connection_failure; and
    /// read_only_sql_transaction, as the server has become a standby.
    var isLoss: Bool {
        state.isEmpty
            || ["57P01", "57P02", "57P03", "57P05", "25P03", "08003", "08006", "25006"].contains(state)
    }

    /// Waiting may help: the server can't be reached, starts, has no room, or has changed the same for others. Beside lost
    /// connections these are the classes connection exception, invalid transaction state (a standby), transaction rollback,
    /// insufficient resources, object not in prerequisite state, operator intervention and system error.
    var isTransient: Bool {
        if isTimeout || isOverload { return true }
        return state.isEmpty ? !isFinal : ["08", "25", "40", "53", "55", "57", "58"].contains(state.prefix(2))
    }

    var isUniqueViolation: Bool { state == "23505" }
    var isReferenceViolation: Bool { state == "23503" || state == "23001" }

    /// `lock_timeout` has passed.
    var isLockTimeout: Bool { state == "55P03" }
    /// `statement_timeout` has passed, or somebody has cancelled the statement.
    var isCancellation: Bool { state == "57014" }
    /// serialization_failure, deadlock_detected: the server has chosen one of several transactions, and the others go on.
    var isDeadlock: Bool { state == "40001" || state == "40P01" }
    /// Done again it may go.
    var isConflict: Bool { isDeadlock || state == Self.again.state }
    /// out_of_memory, which is what PostgreSQL says where its table of locks is full. The server itself goes on.
    var isOutOfLocks: Bool { state == "53200" }
    /// A cascade went down more levels than the server's stack allows.
    var isTooDeep: Bool { state == "54001" }

    /// What this server knows of the database isn't so any more: a newer one or somebody else has made columns required, renamed or
    /// removed tables and columns, or taken rights away.
    var isOfChangedDatabase: Bool {
        (state == "23502" && column != nil)
            || ["42P01", "42703", "42883", "42804", "42501", "3F000"].contains(state)
    }

    /// A constraint, a trigger or a column's type that the resources don't have stands against the values of a write. Triggers
    /// refuse with any code, their own among them: so it is all that doesn't speak of the connection, the server, rights or
    /// statements.
    var isOfValues: Bool {
        guard !isOfChangedDatabase, !hasNoKeysLeft else { return false }
        return isTooLarge || !Self.otherClasses.contains(String(state.prefix(2)))
    }

    /// Classes of codes, as far as PostgreSQL has them, that aren't about values.
    private static let otherClasses: Set<String> = [
        "", "00", "01", "02", "03", "08", "0A", "0B", "25", "26", "28", "2B", "2D", "3B", "3D", "3F", "40", "42", "53",
        "54", "55", "57", "58", "72", "F0", "HV", "XX",
    ]

    /// feature_not_supported, invalid_object_definition: somebody has given a table a rule, under which nothing can be returned.
    var isOfRule: Bool { state == "0A000" || state == "42P17" }
    /// check_violation.
    var isCheckViolation: Bool { state == "23514" }
    /// program_limit_exceeded: of a row, or an entry of an index.
    var isTooLarge: Bool { state == "54000" }
    /// sequence_generator_limit_exceeded.
    fileprivate var hasNoKeysLeft: Bool { state == "2200H" }

    /// For a client: without the message, which a trigger's author has written for others.
    var rejection: String {
        switch constraint {
        case let constraint? where isTooLarge:
            "it is too long for the index \(constraint.name) of the table \(constraint.table)"
        case let constraint?: "it breaks the constraint \(constraint.name) of the table \(constraint.table)"
        case nil where isTooLarge: "it is too long for an index or a row of the table"
        case nil where state.hasPrefix("22"): "a trigger or the type of a column refuses it"
        case nil: "a trigger refuses it"
        }
    }

    /// The statement was ended before its time: an administrator, or another program, has cancelled it.
    static let cancelled = PostgresError(
        state: "57014", message: "somebody has cancelled the statement, with pg_cancel_backend() perhaps")

    /// The table was changed since the statement was prepared ("cached plan must not change result type"), or the statement
    /// is gone: prepared again it may go.
    var wantsPreparation: Bool { state == "0A000" || isOfMissingStatement }
    /// invalid_sql_statement_name: the statement is gone.
    var isOfMissingStatement: Bool { state == "26000" }
}

extension PostgresError: CustomStringConvertible {
    var description: String {
        if isTimeout { return "it took longer than allowed, waiting for \(message)" }
        return state.isEmpty ? message : "\(message) (\(state))"
    }
}

extension StorageError {
    /// Of a start or a migration.
    init(ofPreparation error: PostgresError) {
        self = error.isTransient ? .unavailable(error.description) : .unusable(error.description)
    }

    /// The one place where the database's codes become a storage's answers. Nothing was done.
    init(_ error: PostgresError) {
        switch error.state.prefix(2) {
        case _ where error.isOverload: self = .overloaded
        case _ where error.isTimeout: self = .timedOut(waitingFor: error.message)
        case _ where error.isLockTimeout: self = .timedOut(waitingFor: "a lock that another transaction holds")
        case _ where error.state == "53100": self = .full
        case _ where error.hasNoKeysLeft: self = .noKeysLeft(error.description)
        case _ where error.isOfChangedDatabase || error.isOfRule: self = .outdated(error.description)
        case _ where error.isCancellation: self = .deadlineExceeded
        case "", "08": self = .unavailable(error.description)
        case "57" where error.isLoss: self = .unavailable(error.description)
        // Resources, the operator, the system; what was there when all was prepared.
        case "25", "28", "3D", "40", "53", "55", "57", "58": self = .failed(error.description)
        default: self = .internal(error.description)
        }
    }

    /// Of a write, whose values a client can mend.
    init(ofWrite error: PostgresError, until deadline: ContinuousClock.Instant? = nil) {
        switch (error.isOfValues, deadline) {
        case (true, _): self = .rejected(error.rejection)
        case (false, let deadline?): self.init(error, until: deadline)
        case (false, nil): self.init(error)
        }
    }

    /// Of what had time until a deadline: the database's own limit is that, too.
    init(_ error: PostgresError, until deadline: ContinuousClock.Instant) {
        let isEarly = error.isCancellation && deadline - .now > .milliseconds(100)
        self = isEarly ? .failed(PostgresError.cancelled.description) : StorageError(error)
    }
}
