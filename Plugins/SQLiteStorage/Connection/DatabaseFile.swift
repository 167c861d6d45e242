import Glibc
import MartletKernel

/// The file of a database, and the lock that says that a server has it open. The lock goes with the last reference.
///
/// SQLite's own locks are POSIX locks, which a process loses when it closes *any* descriptor of the file
/// (<https://www.sqlite.org/howtocorrupt.html>, 2.2). So the file itself is only ever made here, never opened where it
/// exists, and the lock is on a file beside it.
final class DatabaseFile: Sendable {
    /// Absolute, without symbolic links: one file has one name here, and so one lock.
    let path: String
    private let lock: Int32

    /// Makes the file and its directory where they are missing, for their owner's eyes only.
    /// - Throws: ``StorageError/unusable(_:)``.
    init(_ path: String) throws(StorageError) {
        let (directory, name) = try Self.split(path)
        try Self.makeDirectory(directory)
        let folder = try Self.resolve(directory)
        let file = (folder == "/" ? "" : folder) + "/" + name
        self.path = access(file, F_OK) == 0 ? try Self.resolve(file) : file
        lock = try Self.lock(self.path)
        do throws(StorageError) {
            try Self.makeFile(self.path)
        } catch {
            close(lock)
            throw error
        }
    }

    /// Where the file is, to be read by whoever has no lock; nil when there is none.
    /// - Throws: ``StorageError/unusable(_:)``.
    static func existing(_ path: String) throws(StorageError) -> String? {
        _ = try split(path)
        return access(path, F_OK) == 0 ? try resolve(path) : nil
    }

    deinit {
        // A program that another thread is just starting has a copy of the descriptor for a moment, and with it the lock:
        // closing ours alone would leave it there (flock(2)).
        flock(lock, LOCK_UN)
        // The lock's file stays: another server may already wait to lock the one that a removal would take away.
        close(lock)
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
        guard let resolved = realpath(path, nil) else { throw failure("find", path) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func lock(_ path: String) throws(StorageError) -> Int32 {
        let lock = path + ".lock"
        let descriptor = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("open", lock) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            defer { close(descriptor) }
            guard errno == EWOULDBLOCK else { throw failure("lock", lock) }
            throw .unusable("\(path) is in use by another server: it holds \(lock)")
        }
        return descriptor
    }

    /// SQLite gives its log and index files the mode of the database file.
    private static func makeFile(_ path: String) throws(StorageError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 && errno == EEXIST { return }
        guard descriptor >= 0 else { throw failure("make", path) }
        close(descriptor)
        try syncDirectory(of: path)
    }

    /// So that a power failure doesn't take the file's name away from what was committed into it.
    private static func syncDirectory(of path: String) throws(StorageError) {
        let directory = try split(path).directory
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", directory) }
    }

    private static func failure(_ what: String, _ path: String) -> StorageError {
        .unusable("can't \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
