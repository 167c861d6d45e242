import CPostgres

/// Where the database is, and who one is there: a connection string, of which libpq knows what it says
/// (<https://www.postgresql.org/docs/current/libpq-connect.html>), and what it leaves open the environment, as `PGPASSWORD`.
struct ConnectionAddress: Sendable {
    private let url: String
    /// `connect_timeout` of the connection string, which then is the limit of an attempt to connect.
    private let connectTimeout: Duration?

    /// libpq is there.
    static var isSupported: Bool { pq_is_installed() != 0 }

    /// - Parameter url: a URI or keywords and values.
    /// - Returns: nil for what libpq can't read. It isn't told why: libpq's message may quote a part of a password.
    init?(_ url: String) {
        guard Self.isSupported else { return nil }
        guard let options = pq_conninfoParse(url, nil) else { return nil }
        defer { pq_conninfoFree(options) }
        self.url = url
        var (option, seconds) = (options, 0)
        while let keyword = option.pointee.keyword {
            if String(cString: keyword) == "connect_timeout", let value = option.pointee.val {
                seconds = Int(String(cString: value)) ?? 0
            }
            option += 1
        }
        connectTimeout = seconds > 0 ? .seconds(min(seconds, 3600)) : nil
    }

    /// How long an attempt to connect may take, and a statement before anything is served: `timeout`, but long enough for a
    /// busy server.
    func limit(_ timeout: Duration) -> Duration {
        max(timeout, connectTimeout ?? .seconds(1))
    }

    /// In libpq's order: what comes later wins. So the connection string overrides what is before it.
    func keywords(for purpose: Purpose) -> [(String, String)] {
        [
            ("fallback_application_name", "martlet \(purpose.rawValue)"),
            // Seconds. At the start a busy server is waited for; later clients wait as well.
            ("connect_timeout", purpose == .setup ? "10" : "2"),
            // Bytes that nobody acknowledges: the server's machine is gone. Milliseconds, and seconds.
            ("tcp_user_timeout", "2000"),
            ("keepalives_idle", "5"),
            ("keepalives_interval", "1"),
            ("keepalives_count", "2"),
            ("dbname", url),
            ("client_encoding", "UTF8"),
        ]
    }
}

/// What holds for all that is done on a connection, whatever the database's own settings are.
struct SessionSettings: Sendable {
    var synchronousCommit: SynchronousCommit
    /// The schema with the tables. Nil at the start, when the first one of the search path becomes it: what is set for the role
    /// or the database later leads no connection elsewhere.
    var schema: String?
    /// Of a read on a shared connection: what takes longer is done again on one of its own.
    var readBudget = Duration.milliseconds(20)
    /// For how long a write may hold up those that are in its batch.
    var batchPatience = Duration.milliseconds(10)
    /// How long a transaction by itself waits for another's lock.
    var lockPatience = Duration.milliseconds(500)
    /// Of any statement on a connection of its own.
    var timeout: Duration
    /// Of the start and of migrations.
    var interruption: Interruption?

    // long because it is a list
    func sql(for purpose: Purpose) -> String {
        var settings = [
            ("default_transaction_isolation", "'read committed'"),
            ("default_transaction_deferrable", "off"),
            ("synchronous_commit", synchronousCommit.rawValue),
            // All statements are prepared, and none is better with a plan for its very values.
            ("plan_cache_mode", "force_generic_plan"),
            // Each finds its rows by an index. A plan made while a table was small would be kept when it is not any more.
            ("enable_seqscan", "off"),
            ("jit", "off"),
            ("client_min_messages", "error"),
            ("timezone", "'UTC'"),
            ("datestyle", "'ISO'"),
            // Definitions are compared by their texts.
            ("quote_all_identifiers", "off"),
            ("extra_float_digits", "1"),
            ("intervalstyle", "'postgres'"),
            ("bytea_output", "'hex'"),
            // A refused write is an error, and not the end of its connection.
            ("exit_on_error", "off"),
            ("standard_conforming_strings", "on"),
            // Rows that a policy hides are an error, and not rows that aren't there.
            ("row_security", "off"),
            ("idle_in_transaction_session_timeout", "0"),
        ]
        switch purpose {
        case .setup: settings += [("enable_seqscan", "on"), ("lock_timeout", "0"), ("statement_timeout", "0")]
        case .reads:
            // A list is read in an index's order, as far as it is wanted: of a table that it knows nothing of, the server would
            // rather read all of it first, and sort. And the index is the one by which fewest rows are looked at, whatever
            // pages they are in: the estimate of these may be far off for a value that is rarer than others.
            settings += [("enable_bitmapscan", "off"), ("seq_page_cost", "0"), ("random_page_cost", "0")]
            settings += [("lock_timeout", "0"), ("statement_timeout", "\(Self.milliseconds(readBudget))")]
        case .writes:
            settings.append(("lock_timeout", "\(Self.milliseconds(batchPatience))"))
            settings.append(("statement_timeout", "\(Self.milliseconds(min(lockPatience, timeout)))"))
        case .others:
            settings.append(("lock_timeout", "\(Self.milliseconds(min(lockPatience, timeout)))"))
            settings.append(("statement_timeout", "\(Self.milliseconds(timeout))"))
        case .scans:
            // What looks at many records is planned for its very values, and takes one of the server's processors.
            settings += [
                ("plan_cache_mode", "force_custom_plan"), ("enable_seqscan", "on"),
                ("max_parallel_workers_per_gather", "0"), ("statement_timeout", "\(Self.milliseconds(timeout))"),
                ("lock_timeout", "\(Self.milliseconds(min(lockPatience, timeout)))"),
            ]
        }
        let further =
            [Self.setting("idle_session_timeout", "0"), Self.setting("transaction_timeout", "0")]
            + (purpose == .scans ? [Self.setting("client_connection_check_interval", "100ms")] : [])
        return (settings.map { "SET \($0.0) = \($0.1)" } + further).joined(separator: "; ")
    }

    /// A setting that the server has since 14 or 17. That what runs is ended when its client goes, not every system can do.
    private static func setting(_ name: String, _ value: String) -> String {
        "DO $$ BEGIN PERFORM set_config('\(name)', '\(value)', false); EXCEPTION WHEN OTHERS THEN NULL; END $$"
    }

    static func milliseconds(_ duration: Duration) -> Int64 {
        max(1, duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
    }
}
