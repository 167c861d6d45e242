import CSQLite
import Glibc

/// Sees that the files that SQLite has open are still those at their paths: what is written to others is lost with the
/// process. It belongs to the writer's thread.
///
/// It asks for their status, and reads the beginning of the database through the descriptor that holds its lock: it must not
/// open them. What happens between two looks is found by the next one. A
/// `-shm` file that is made shorter ends the process by SIGBUS, in whichever thread reads the part that is gone: SQLite maps
/// it into memory, as every process that reads the database must.
struct DatabaseFileCheck {
    private let path: String
    private let logPath: String
    private let indexPath: String
    /// Nil where it is ``path``.
    private let configuredPath: String?
    private let header: DatabaseHeader
    private let database: FileIdentity
    private let log: FileIdentity?
    private let index: FileIdentity?
    /// The log was made shorter: what it lacks is lost, and what is written after it too.
    private(set) var isLogTruncated = false
    /// The database has lost pages, or its beginning. What is put there afterwards isn't what SQLite remembers of it.
    private(set) var isDamaged = false
    private var size: Int64

    /// Takes the log and its index as they are now: SQLite has just opened them.
    init(_ file: DatabaseFile) {
        path = file.path
        logPath = path + "-wal"
        indexPath = path + "-shm"
        configuredPath = file.configuredPath == path ? nil : file.configuredPath
        header = DatabaseHeader(file.descriptor)
        size = header.status().size
        database = file.identity
        log = FileIdentity(of: logPath)
        index = FileIdentity(of: indexPath)
    }

    enum Problem: Error, Equatable {
        case database(String)
        case configuredPath(String)
        case damage(String)
        /// The database itself is in its place: a checkpoint saves what is in the log.
        case log(String)
        case index(String)
        /// A checkpoint would copy what is no longer there.
        case logIsShort(String)

        var description: String {
            switch self {
            case .database(let path): "\(path) was deleted, moved or replaced: put it back, or restart the server"
            case .configuredPath(let path):
                "\(path) leads to another file than at the start: lead it back, or restart the server"
            case .damage(let path):
                "\(path) was truncated or overwritten by another program: stop the server, and put a backup in its place"
            case .log(let path), .index(let path): "\(path) was deleted or replaced: restart the server"
            case .logIsShort(let path): "\(path) was truncated, and has lost what was in it: restart the server"
            }
        }
    }

    /// What is wrong with them, if anything.
    mutating func problem() -> Problem? {
        lookAtHeader()
        return problemOfNames()
    }

    /// Pages are only appended, also by another process's checkpoint in its middle, when the header already counts those to
    /// come. One that makes the file smaller has changed the header before.
    private mutating func lookAtHeader() {
        let (now, needed) = header.status()
        if size > 0, needed.map({ now < min($0, size) }) ?? true { isDamaged = true }
        size = now
    }

    private func problemOfNames() -> Problem? {
        problemAfterCommit() ?? (FileIdentity(of: indexPath) != index ? .index(indexPath) : nil)
    }

    /// Why what was committed just now may be lost with the process.
    func problemAfterCommit() -> Problem? {
        if isDamaged { return .damage(path) }
        if isLogTruncated { return .logIsShort(logPath) }
        if FileIdentity(of: path) != database { return .database(path) }
        if let configuredPath, FileIdentity(of: configuredPath) != database { return .configuredPath(configuredPath) }
        return FileIdentity(of: logPath) != log ? .log(logPath) : nil
    }

    /// Before another connection is opened: it would make a log where there is none, and take it for the one that the others
    /// have open.
    func check() throws(SQLiteError) {
        if let problem = problemOfNames() { throw SQLiteError(SQLITE_CANTOPEN, problem.description) }
    }

    /// Whether the log has fewer bytes than what was written to it needs. Another process can make it so by a checkpoint, or
    /// by truncating the file.
    func isLogShorter(than bytes: Int64) -> Bool {
        (FileIdentity.status(of: logPath)?.st_size).map { Int64($0) < bytes } ?? true
    }

    mutating func logWasTruncated() { isLogTruncated = true }
}

/// The beginning of a database's file (<https://www.sqlite.org/fileformat2.html#the_database_header>), and its size.
struct DatabaseHeader {
    private let descriptor: Int32
    private static let magic = Array("SQLite format 3\0".utf8)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// - Returns: the bytes that the file has, and those that the header says; nil when there is no header.
    func status() -> (size: Int64, needed: Int64?) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return (0, nil) }
        var header = [UInt8](repeating: 0, count: 100)
        guard pread(descriptor, &header, header.count, 0) == header.count, header.starts(with: Self.magic) else {
            return (Int64(status.st_size), nil)
        }
        func integer(_ range: Range<Int>) -> Int64 { header[range].reduce(0) { $0 << 8 | Int64($1) } }
        // The number of pages counts only if the version that it was written with does.
        let pages = integer(24..<28) == integer(92..<96) ? integer(28..<32) : 0
        let pageSize = integer(16..<18)
        return (Int64(status.st_size), pages * (pageSize == 1 ? 65536 : pageSize))
    }

    /// Whether the file begins as no database does. An empty one becomes a database.
    var isOfOtherFile: Bool {
        let (size, needed) = status()
        return size > 0 && needed == nil
    }
}
