import Logging
public import MartletTesting
import PostgresStorage
import SQLiteStorage

extension Backend {
    static let sqlite = Backend("sqlite") { folder in
        var options = SQLiteDatabase.Options(path: folder + "/martlet.db")
        // Hundreds of tests share a disk.
        options.timeout = .seconds(60)
        return SQLiteDatabase(options, logger: quiet("storage.sqlite"))
    }

    static let postgres = Backend("postgres") { folder in
        var options = PostgresDatabase.Options(url: try await PostgresDatabases.url(in: folder))
        options.connections = 2
        return PostgresDatabase(options, logger: quiet("storage.postgres"))
    }

    public static let known = [memory, sqlite, postgres]
    /// Those that `MARTLET_TEST_BACKENDS` chooses.
    public static let all = known.filter { isChosen($0.name) }
    public static let durable = all.filter(\.isDurable)

    /// Nobody would read hundreds of logs at once.
    private static func quiet(_ label: String) -> Logger { Logger(label: label) { _ in SwiftLogNoOpLogHandler() } }
}
