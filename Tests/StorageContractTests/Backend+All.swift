import MartletTesting
import PostgresStorage
import SQLiteStorage

extension Backend {
    static let sqlite = Backend("sqlite") { folder in
        SQLiteDatabase(SQLiteDatabase.Options(path: folder + "/martlet.db"))
    }
    static let postgres = Backend("postgres") { folder in
        PostgresDatabase(PostgresDatabase.Options(url: try await PostgresDatabases.url(in: folder)))
    }

    static let known = [memory, sqlite, postgres]
    static let all = known.filter { isChosen($0.name) }
    static let durable = all.filter(\.isDurable)
}
