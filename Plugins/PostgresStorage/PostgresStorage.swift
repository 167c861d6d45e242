public import MartletKernel

/// The plugin that keeps records in a PostgreSQL database.
public struct PostgresStorage: Plugin {
    public static let id: PluginID = "storage.postgres"
    public static let summary = "Keeps records in a PostgreSQL database."
    public static let settings: [any SettingDescription] = [
        url, connections, exclusiveConnections, queue, timeout, synchronousCommit, slowScanRows,
    ]
    public static let provides: [any CapabilityDescription] = [Capability.storage]

    static let url = Setting<String>(
        "url", isSecret: true, environmentAlias: "DATABASE_URL",
        "Where the database is: postgresql://user:password@host/database, or keywords and values."
    ) { url throws(SettingError) in
        guard ConnectionAddress.isSupported else {
            throw SettingError("needs libpq, which isn't installed: apt-get install libpq5", isFreeOfValue: true)
        }
        if let mistake = ConnectionStringMistake.description(of: url) {
            throw SettingError(mistake, isFreeOfValue: true)
        }
    } validateForStart: { url throws(SettingError) in
        if let missing = ConnectionStringValues(url)?.missingFile {
            throw SettingError(missing, isFreeOfValue: true)
        }
    }
    static let connections = Setting("connections", default: 4, in: 1...64, "Connections that share the reads.")
    static let exclusiveConnections = Setting(
        "exclusiveConnections", default: 4, in: 1...64,
        "Connections for transactions that can't share one: batches of changes, and those that wait for a lock.")
    static let queue = Setting(
        "queue", default: 4096, in: 1...1_000_000, "Reads, and as many writes, that may be under way; more are refused."
    )
    static let timeout = Setting(
        "timeout", default: .seconds(5), in: .milliseconds(10)...Duration.seconds(3600),
        "How long a read or write may take.")
    static let synchronousCommit = Setting(
        "synchronousCommit", default: SynchronousCommit.on,
        "on: what is answered is on the server's disk; off: a crash of it may take the last writes.")
    static let slowScanRows = Setting(
        "slowScanRows", default: 10_000, in: 1...1_000_000_000,
        "A list or a count that looks at more rows leaves a warning in the log.")

    private let database: PostgresDatabase

    public init(from context: inout PluginContext) throws {
        var options = PostgresDatabase.Options(url: try context[Self.url])
        options.connections = try context[Self.connections]
        options.exclusiveConnections = try context[Self.exclusiveConnections]
        options.queue = try context[Self.queue]
        options.timeout = try context[Self.timeout]
        options.synchronousCommit = try context[Self.synchronousCommit]
        options.slowScanRows = try context[Self.slowScanRows]
        database = PostgresDatabase(options, logger: context.logger)
        try context.provide(.storage, database)
    }

    public func stop() async {
        await database.close()
    }
}
