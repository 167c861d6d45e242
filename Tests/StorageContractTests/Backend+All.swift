import MartletTesting
import SQLiteStorage

extension Backend {
    static let sqlite = Backend("sqlite") { folder in
        SQLiteDatabase(SQLiteDatabase.Options(path: folder + "/martlet.db"))
    }

    static let known = [memory, sqlite]
    static let all = known.filter { isChosen($0.name) }
    static let durable = all.filter(\.isDurable)
}
