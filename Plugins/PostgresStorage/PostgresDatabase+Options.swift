public import MartletKernel

extension PostgresDatabase {
    /// How a database is reached and used. The defaults are those of the plugin's settings, which the README explains.
    public struct Options: Sendable {
        /// A connection string of libpq: `postgresql://user:password@host/database`, or `host=… dbname=…`.
        public var url: String
        /// Connections that share the reads.
        public var connections = 4
        /// Connections for transactions that can't share one with others: those that wait for a lock, say.
        public var exclusiveConnections = 4
        /// Transactions that may wait to be sent, and as many reads; beyond them there is an answer at once: overloaded.
        public var queue = 4096
        /// How long a read or a transaction may take, with its wait for a connection.
        public var timeout = Duration.seconds(5)
        public var synchronousCommit = SynchronousCommit.on
        /// A list or a count that looks at more rows than that, is logged.
        public var slowScanRows = 10_000
        /// How often old idempotency entries are looked for.
        package var purgePause = Duration.seconds(60)
        /// By which idempotency entries grow old.
        package var clock = WallClock.system

        public init(url: String) {
            self.url = url
        }
    }
}

/// When a commit is answered (<https://www.postgresql.org/docs/current/runtime-config-wal.html>).
public enum SynchronousCommit: String, Sendable, CaseIterable, SettingValue {
    /// When it is on the server's disk, and on that of its synchronous standbys if it has any.
    case on
    /// When the standbys show it too.
    case remoteApply = "remote_apply"
    /// When it is on the server's own disk.
    case local
    /// Before: a crash of the server may take the last commits that were answered. The database stays whole.
    case off
}
