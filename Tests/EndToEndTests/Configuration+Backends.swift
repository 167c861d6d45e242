import MartletTesting

extension LiveServer.Configuration {
    /// The database is `martlet.db` in the server's folder.
    static let sqlite = LiveServer.Configuration(settings: [
        "storage.use": "sqlite", "storage.sqlite.path": "martlet.db",
    ])

    /// One for each database.
    static let all = [sqlite]
}
