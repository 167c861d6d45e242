import MartletTesting

extension LiveServer.Configuration {
    /// The database is `martlet.db` in the server's folder.
    static let sqlite = LiveServer.Configuration(settings: [
        "storage.use": "sqlite", "storage.sqlite.path": "martlet.db",
    ])

    /// Each server has a database of its own, which belongs to its folder.
    static let postgres: LiveServer.Configuration = {
        var configuration = LiveServer.Configuration(settings: ["storage.use": "postgres"])
        configuration.settingsInFolder = { ["storage.postgres.url": try await PostgresDatabases.url(in: $0)] }
        return configuration
    }()

    /// One for each database.
    static let all = [("sqlite", sqlite), ("postgres", postgres)].filter { Backend.isChosen($0.0) }.map(\.1)
}

extension LiveServer.Configuration {
    /// The same with resources that are declared in files, by their names.
    func serving(_ resources: [String: String]) -> LiveServer.Configuration {
        var configuration = self
        configuration.settings["resources.declared.path"] = "resources"
        for (name, text) in resources { configuration.files["resources/\(name).yaml"] = text }
        return configuration
    }
}
