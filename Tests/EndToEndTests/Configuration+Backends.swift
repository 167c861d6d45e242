import MartletTesting
import Testing

extension LiveServer.Configuration {
    /// The database is `martlet.db` in the server's folder.
    static let sqlite = LiveServer.Configuration(settings: [
        "storage.use": "sqlite", "storage.sqlite.path": "martlet.db",
    ])

    /// One for each database.
    static let all = [sqlite]
}

extension LiveServer.Configuration: CustomTestStringConvertible {
    public var testDescription: String { settings["storage.use"] ?? "its default storage" }
}
