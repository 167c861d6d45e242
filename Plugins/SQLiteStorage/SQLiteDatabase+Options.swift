package import MartletKernel

extension SQLiteDatabase {
    /// How a database is kept. The defaults are those of the plugin's settings, which the README explains.
    public struct Options: Sendable {
        /// The file, absolute or relative to the working directory. It and its directory are made if they are missing.
        public var path: String
        public var synchronous = Synchronous.full
        /// Transactions that may wait for the writer; beyond them a write is refused as overloaded.
        public var queue = 4096
        /// Reads at once on the threads of their callers. What comes in beyond waits for a thread of the pool.
        public var readers = 32
        /// Instructions of SQLite's virtual machine that a read may take on its caller's thread.
        public var readBudget = 20_000
        /// How long a write may take, and a read beyond its budget, each with its wait for a thread.
        public var timeout = Duration.seconds(5)
        /// Rows that a read may look at before the log is told.
        public var slowScanRows = 10_000
        /// How long nothing was written before the log is emptied.
        package var idlePause = Duration.seconds(2)
        /// How often old idempotency entries are looked for while nothing is written.
        package var purgePause = Duration.seconds(60)
        /// How often the files are looked at while nothing is written.
        package var fileCheckPause = Duration.seconds(2)
        /// Bytes of the write-ahead log from which a warning says that it grows.
        package var largeLog: Int64 = 64 << 20
        /// How long ``SQLiteDatabase/close()`` waits for the disk. A process that stops has 5 s.
        package var closeTimeout = Duration.seconds(4)
        /// By which idempotency entries grow old.
        package var clock = WallClock.system
        /// SQLite's way to the file system, by name; nil is its own. Tests take one that fails.
        package var vfs: String?

        public init(path: String) {
            self.path = path
        }
    }
}
