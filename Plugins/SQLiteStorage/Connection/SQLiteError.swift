import CSQLite
import Glibc
import MartletKernel
import MartletModel

/// What SQLite answered instead of doing its work.
///
/// Decisions are made by the extended result code alone (<https://www.sqlite.org/rescode.html>): the texts are for the
/// log, and differ from version to version.
struct SQLiteError: Error {
    let code: Int32
    let message: String
    /// It is the server that had no room, not SQLite.
    let isOverload: Bool
    /// Of a value that its field can't have.
    private(set) var unreadable: UnreadableValue?

    init(_ code: Int32, _ message: String, isOverload: Bool = false) {
        self.code = code
        self.message = message
        self.isOverload = isOverload
    }

    init(_ unreadable: UnreadableValue) {
        self.init(
            SQLITE_MISMATCH, "the column \(unreadable.column) holds \(unreadable.what), which its field can't have")
        self.unreadable = unreadable
    }

    /// The last error of a connection.
    init(_ code: Int32, on connection: OpaquePointer?) {
        let text = connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? ""
        // SQLite reports a full disk as SQLITE_FULL only where it writes pages. In the shared memory of the log it is an I/O error.
        let number = connection.map { sqlite3_system_errno($0) } ?? 0
        let isFull = code & 0xFF == SQLITE_IOERR && (number == ENOSPC || number == EDQUOT)
        self.init(code, isFull ? "\(text): \(String(cString: strerror(number)))" : text)
    }

    /// The same with what the system said, if it said something.
    func withSystemError(of connection: OpaquePointer?) -> SQLiteError {
        guard let number = connection.map({ sqlite3_system_errno($0) }), number != 0 else { return self }
        return SQLiteError(code, "\(message): \(String(cString: strerror(number)))")
    }

    /// The same with the table and the record's key, where a value was found that its field can't have.
    func inTable(_ schema: ResourceSchema) -> SQLiteError {
        guard primaryCode == SQLITE_MISMATCH else { return self }
        guard let unreadable else { return SQLiteError(code, "the table \(schema.table): \(message)") }
        let record = unreadable.row[schema.key.column].map { ", in the record with the key \($0)" } ?? ""
        return SQLiteError(
            code,
            "the table \(schema.table): the column \(unreadable.column) holds \(unreadable.what), which its field can't have"
                + "\(record): another program has written it")
    }

    /// The code without its extension.
    var primaryCode: Int32 { code & 0xFF }

    /// A unique index, or the key's own uniqueness, stood against a write.
    var isUniqueViolation: Bool {
        code == MARTLET_SQLITE_CONSTRAINT_UNIQUE || code == MARTLET_SQLITE_CONSTRAINT_PRIMARYKEY
            || code == MARTLET_SQLITE_CONSTRAINT_ROWID
    }

    /// A reference stood against it: to a record that isn't there, or from one that would be left without it.
    var isReferenceViolation: Bool { code == MARTLET_SQLITE_CONSTRAINT_FOREIGNKEY }

    /// A deletion has perhaps gone down more levels than SQLite does: its code says no more.
    var mayBeTooDeep: Bool { isGeneric }

    /// Its code says no more than that it is an error, of a missing table for example.
    var isGeneric: Bool { code == SQLITE_ERROR }

    /// A statement had no effect, and no error: a trigger of others has `RAISE(IGNORE)`, or a constraint `ON CONFLICT IGNORE`.
    static func ignored(_ message: String) -> SQLiteError { SQLiteError(SQLITE_CONSTRAINT, message) }

    /// What a trigger or a constraint of others has against a write's values, for a client: without the message, which its author
    /// has written for others. Nil for any other error.
    var rejection: String? {
        switch code {
        case MARTLET_SQLITE_CONSTRAINT_TRIGGER: "a trigger refuses it"
        case MARTLET_SQLITE_CONSTRAINT_CHECK: "it breaks a constraint of the table"
        case _ where isUniqueViolation: "it breaks a unique index of the table"
        case SQLITE_CONSTRAINT: "a trigger or a constraint keeps it from being done"
        default: nil
        }
    }

    /// Another program has changed the schema.
    static func schemaChanged(_ message: String) -> SQLiteError { SQLiteError(SQLITE_SCHEMA, message) }

    /// The statement alone failed: its changes are undone, and the transaction around it goes on
    /// (<https://www.sqlite.org/lang_conflict.html>, ABORT). Any other error says something of the database or the
    /// system under it, may have rolled back the whole transaction, and leaves nothing to be trusted.
    var concernsStatementAlone: Bool {
        switch primaryCode {
        case SQLITE_CONSTRAINT, SQLITE_ERROR, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE, SQLITE_MISUSE,
            SQLITE_SCHEMA:
            true
        default: false
        }
    }

    /// The limit on a read ended it.
    var isInterruption: Bool { primaryCode == SQLITE_INTERRUPT }

    /// A record or a value has more bytes than the connection's limit.
    var isTooBig: Bool { primaryCode == SQLITE_TOOBIG }

    /// The server holds as many bytes for its clients as it may.
    static let overloaded = SQLiteError(
        SQLITE_NOMEM, "the server's budget for buffered bytes is used up", isOverload: true)

    /// Another connection's lock stood in the way.
    var isLock: Bool {
        switch primaryCode {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: true
        default: false
        }
    }

    /// The connection it was met on is as good as before.
    var leavesConnectionUsable: Bool { concernsStatementAlone || isInterruption || isLock || isOverload }
}

/// A stored value that its field can't have.
struct UnreadableValue {
    let column: String
    let what: String
    /// The short values of its row, by their columns.
    let row: [String: String]
}

extension SQLiteError: CustomStringConvertible {
    var description: String { "SQLite error \(code): \(message)" }
}

extension StorageError {
    /// The one place where SQLite's codes become a storage's answers. Nothing was done.
    init(_ error: SQLiteError) {
        if error.isOverload {
            self = .overloaded
        } else if error.primaryCode == SQLITE_FULL {
            self = .full
        } else if error.isTooBig {
            // Only a write meets it: what is stored is shorter.
            self = .rejected("a record has more bytes than SQLite takes")
        } else if let reason = error.rejection {
            self = .rejected(reason)
        } else if error.primaryCode == SQLITE_CONSTRAINT || error.primaryCode == SQLITE_SCHEMA {
            // What the schemas have is a refusal. This is a reference or a column that another program has made.
            self = .outdated(error.description)
        } else if error.concernsStatementAlone {
            self = .internal(error.description)
        } else {
            self = .unavailable(error.description)
        }
    }
}
