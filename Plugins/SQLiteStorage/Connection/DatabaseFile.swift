import CSQLite
import Glibc
import MartletKernel
import Synchronization

/// The file of a database, and the locks that say that a server has it open. They go with the last reference.
///
/// There are two locks, since each can be passed by alone:
/// - One is on the database file itself. Hard links, other mounts and a deleted lock file all lead to the same one. It is
///   flock(2)'s, which on a local file system is independent of the POSIX locks that SQLite takes on the same file.
/// - One is on `martlet.db.lock` beside it: while it is held, no server finds another database under the same name, whose
///   write-ahead log would be this one's.
///
/// A process loses its POSIX locks when it closes *any* descriptor of the file
/// (<https://www.sqlite.org/howtocorrupt.html>, 2.2). So a process opens a database file once here, and closes it after
/// SQLite has.
final class DatabaseFile: Sendable {
    /// Absolute, without symbolic links.
    let path: String
    /// As it was configured: a symbolic link on its way may come to lead elsewhere.
    let configuredPath: String
    let identity: FileIdentity
    private let nameLock: Int32
    /// Closed after SQLite has closed the file.
    let descriptor: Int32

    /// The files that this process has open.
    private static let open = Mutex<Set<FileIdentity>>([])

    /// Makes the file and its directory where they are missing, for their owner's eyes only.
    /// - Throws: ``StorageError/unavailable(_:)`` when another server has it, else ``StorageError/unusable(_:)``.
    init(_ path: String) throws(StorageError) {
        let (directory, name) = try Self.split(path)
        try Self.makeDirectory(directory)
        let folder = try Self.resolve(directory)
        let file = (folder == "/" ? "" : folder) + "/" + name
        let resolved = access(file, F_OK) == 0 ? try Self.resolve(file) : file
        nameLock = try Self.lockName(of: resolved)
        do throws(StorageError) {
            try Self.makeFile(resolved)
            (descriptor, identity) = try Self.lockFile(resolved)
        } catch {
            Self.release(nameLock)
            throw error
        }
        self.path = resolved
        configuredPath = path
    }

    /// Where the file is, to be read by whoever has no lock; nil when there is none.
    /// - Throws: ``StorageError/unusable(_:)``.
    static func existing(_ path: String) throws(StorageError) -> String? {
        _ = try split(path)
        return access(path, F_OK) == 0 ? try resolve(path) : nil
    }

    /// Whether there is a file that isn't a database, by its first bytes. One that this process has open is not looked at.
    static func isOtherFile(_ path: String) -> Bool {
        open.withLock { open in
            guard let identity = FileIdentity(of: path), !open.contains(identity) else { return false }
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            defer { close(descriptor) }
            return DatabaseHeader(descriptor).isOfOtherFile
        }
    }

    deinit {
        Self.open.withLock { open in
            Self.release(descriptor)
            open.remove(identity)
        }
        // The lock's file stays: another server may already wait to lock the one that a removal would take away.
        Self.release(nameLock)
    }

    private static func split(_ path: String) throws(StorageError) -> (directory: String, name: String) {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let name = slash.map { String(path[path.utf8.index(after: $0)...]) } ?? path
        guard !name.isEmpty, name != ".", name != "..", !path.utf8.contains(0) else {
            throw .unusable("\"\(path)\" is no path of a file")
        }
        guard let slash else { return (".", name) }
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }

    private static func makeDirectory(_ path: String) throws(StorageError) {
        guard access(path, F_OK) != 0 else { return }
        if let (parent, _) = try? split(path) { try makeDirectory(parent) }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("make the directory", path) }
    }

    private static func resolve(_ path: String) throws(StorageError) -> String {
        guard let resolved = resolved(path) else { throw failure("find", path) }
        return resolved
    }

    /// The path without symbolic links; nil when nothing is there.
    static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// SQLite gives its log and index files the mode of the database file.
    private static func makeFile(_ path: String) throws(StorageError) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 && errno == EEXIST { return }
        guard descriptor >= 0 else { throw failure("make", path) }
        close(descriptor)
        try syncDirectory(of: path)
    }

    /// So that a power failure doesn't take the file's name away from what was committed into it.
    private static func syncDirectory(of path: String) throws(StorageError) {
        let directory = try split(path).directory
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", directory) }
    }

    private static func failure(_ what: String, _ path: String) -> StorageError {
        .unusable("can't \(what) \(path): \(String(cString: strerror(errno)))")
    }
}

// MARK: - Locks

extension DatabaseFile {
    private static func lockName(of path: String) throws(StorageError) -> Int32 {
        let lock = path + ".lock"
        let descriptor = Glibc.open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open", lock) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(descriptor) }
            guard errno == EWOULDBLOCK else { throw failure("lock", lock) }
            throw .unavailable("\(path) is in use by another server: it holds \(lock)")
        }
        return descriptor
    }

    private static func lockFile(_ path: String) throws(StorageError) -> (Int32, FileIdentity) {
        try open.withLock { open throws(StorageError) in
            // One that this process has open must not be opened again: see above.
            if let identity = FileIdentity(of: path), open.contains(identity) { throw inUse(path) }
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure("open", path) }
            guard let identity = FileIdentity(of: descriptor) else {
                defer { close(descriptor) }
                throw failure("find", path)
            }
            // The path was made to lead to it just now. Its descriptor is lost, which does no harm.
            guard !open.contains(identity) else { throw inUse(path) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                defer { close(descriptor) }
                throw errno == EWOULDBLOCK ? inUse(path) : failure("lock", path)
            }
            open.insert(identity)
            return (descriptor, identity)
        }
    }

    private static func inUse(_ path: String) -> StorageError {
        .unavailable("\(path) is in use by another server, perhaps by another name of the file")
    }

    /// A program that another thread is just starting has a copy of the descriptor for a moment, and with it the lock:
    /// closing ours alone would leave it there (flock(2)).
    private static func release(_ descriptor: Int32) {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
