import Glibc
public import MartletKernel

/// The plugin that keeps records in a file, with SQLite.
public struct SQLiteStorage: Plugin {
    public static let id: PluginID = "storage.sqlite"
    public static let summary = "Keeps records in one file, with SQLite."
    public static let settings: [any SettingDescription] = [
        path, synchronous, queue, readers, readBudget, timeout, slowScanRows,
    ]
    public static let provides: [any CapabilityDescription] = [Capability.storage]

    static let path = Setting(
        "path", default: "data/martlet.db", "The database file; it and its directory are made if missing."
    ) { path throws(SettingError) in
        try check(path)
    } validateForStart: { path throws(SettingError) in
        try checkFiles(at: path)
    }
    static let synchronous = Setting(
        "synchronous", default: Synchronous.full,
        "full: what is answered is on the disk; normal: a power loss may take the last writes.")
    static let queue = Setting("queue", default: 4096, in: 1...1_000_000, "Writes that may wait; more are refused.")
    static let readers = Setting("readers", default: 32, in: 1...256, "Short reads at the same time.")
    static let readBudget = Setting(
        "readBudget", default: 20_000, in: 100...1_000_000_000,
        "Steps of SQLite's machine that a read may take before it moves to a thread of its own.")
    static let timeout = Setting(
        "timeout", default: .seconds(5), in: .milliseconds(1)...Duration.seconds(3600),
        "How long a read or a write may take.")
    static let slowScanRows = Setting(
        "slowScanRows", default: 10_000, in: 1...1_000_000_000, "Rows that a read may look at before the log is told.")

    private let database: SQLiteDatabase

    public init(from context: inout PluginContext) throws {
        var options = SQLiteDatabase.Options(path: try context[Self.path])
        options.synchronous = try context[Self.synchronous]
        options.queue = try context[Self.queue]
        options.readers = try context[Self.readers]
        options.readBudget = try context[Self.readBudget]
        options.timeout = try context[Self.timeout]
        options.slowScanRows = try context[Self.slowScanRows]
        database = SQLiteDatabase(options, logger: context.logger)
        try context.provide(.storage, database)
    }

    public func stop() async {
        await database.close()
    }

    /// Refuses what SQLite or other programs would take for something else than a file's path.
    private static func check(_ path: String) throws(SettingError) {
        guard path != ":memory:" else {
            throw SettingError("can't be :memory:, as records have to outlive the server: write the path of a file")
        }
        for scheme in ["sqlite", "sqlite3", "file"] where path.hasPrefix("\(scheme):") {
            throw SettingError("must be a path, not a URL: leave \(scheme): and parameters out, as in data/martlet.db")
        }
        try ConfiguredPath.check(path)
        // A file that is there has the name that it has.
        guard !path.contains("?") || ConfiguredPath.kind(of: path) == .file else {
            throw SettingError("has a ?: it takes a path alone, without parameters")
        }
        // SQLite's own bounds, with room for the names of its log and of Martlet's lock (MAX_PATHNAME in os_unix.c).
        let name = path.split(separator: "/").last ?? ""
        guard absolutePath(path).utf8.count <= 504, name.utf8.count <= 247 else {
            throw SettingError("is too long: SQLite takes 504 bytes of a whole path, and 247 of a file's name")
        }
        guard !path.hasSuffix("/") else { throw SettingError("ends with /: write the path of a file, not of a folder") }
    }

    /// Refuses what is no file on this machine, or can't become one.
    private static func checkFiles(at path: String) throws(SettingError) {
        switch ConfiguredPath.kind(of: path) {
        case .file:
            guard !DatabaseFile.isOtherFile(path) else {
                throw SettingError("is a file of something else, no database of SQLite: write the path of another file")
            }
            guard access(path, R_OK | W_OK) == 0 else {
                throw SettingError("is a file that this user may not read and write: change its owner or mode")
            }
            // SQLite's log is beside the file itself, wherever links to it are.
            try ConfiguredPath.checkCanBeMade(DatabaseFile.resolved(path) ?? path)
        case .folder: throw SettingError("is a folder: write the path of a file in it, such as \(path)/martlet.db")
        case .socket, .other: throw SettingError("is no regular file: write the path of another file")
        case .missing:
            guard !ConfiguredPath.isLink(path) else {
                throw SettingError("is a symbolic link to nothing: make the file that it names, or remove it")
            }
            try ConfiguredPath.checkCanBeMade(path)
        }
        try checkFiles(beside: path)
    }

    private static func checkFiles(beside path: String) throws(SettingError) {
        for suffix in ["-wal", "-shm", "-journal", ".lock"] {
            let beside = path + suffix
            let kind = ConfiguredPath.kind(of: beside)
            guard kind == .missing && !ConfiguredPath.isLink(beside) || kind == .file else {
                throw SettingError("has no room for \(beside), which has to be a file: move away what is there")
            }
        }
    }
}
