import MartletTesting
import SQLiteStorage

extension Backend {
    static let sqlite = Backend("sqlite") { folder in
        SQLiteDatabase(SQLiteDatabase.Options(path: folder + "/martlet.db"))
    }

    static let all = [memory, sqlite]
    static let durable = all.filter(\.isDurable)
}
