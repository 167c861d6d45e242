import MartletTesting

extension LiveServer.Configuration {
    /// The database is `martlet.db` in the server's folder.
    static let sqlite = LiveServer.Configuration(settings: [
        "storage.use": "sqlite", "storage.sqlite.path": "martlet.db",
    ])

    /// One for each database.
    static let all = [("sqlite", sqlite)].filter { Backend.isChosen($0.0) }.map(\.1)
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
