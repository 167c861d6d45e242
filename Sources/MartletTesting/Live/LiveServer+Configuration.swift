extension LiveServer {
    /// What a server runs with.
    public struct Configuration: Sendable, CustomStringConvertible {
        /// Values that `--set` gives, by their path: `["storage.sqlite.path": "martlet.db"]`.
        public var settings: [String: String]
        /// A configuration file's text, in YAML. Without it the server has its defaults.
        public var file: String?
        /// Other files of the server's folder, by their paths in it: `["resources/notes.yaml": "…"]`.
        public var files: [String: String]
        /// The server's environment. Nothing of the test's own is passed on.
        public var environment: [String: String]
        /// Settings that depend on the server's folder, whose path it is given: the address of a database, say.
        public var settingsInFolder: @Sendable (_ folder: String) async throws -> [String: String] = { _ in [:] }
        /// How long a start may take before it counts as failed.
        public var startLimit: Duration = .seconds(60)

        /// - Parameters:
        ///   - settings: added to a free port on the loopback address; a setting given here wins.
        ///   - file: a configuration file's text.
        ///   - files: other files, by their paths in the server's folder.
        ///   - environment: added to a `PATH`.
        public init(
            settings: [String: String] = [:], file: String? = nil, files: [String: String] = [:],
            environment: [String: String] = [:]
        ) {
            let loopback = ["transport.http.host": "127.0.0.1", "transport.http.port": "0"]
            self.settings = loopback.merging(settings) { $1 }
            self.file = file
            self.files = files
            self.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        }

        /// The command line, without the program.
        public var description: String { commandLine.joined(separator: " ") }

        var commandLine: [String] {
            ["serve"] + (file == nil ? [] : ["--config", Self.fileName])
                + settings.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0)=\($1)"] }
        }

        /// With the settings that it has in a folder, which has its files then.
        func placed(in folder: TemporaryFolder) async throws -> Configuration {
            var placed = self
            placed.settings.merge(try await settingsInFolder(folder.path)) { $1 }
            try placed.write(to: folder)
            return placed
        }

        private func write(to folder: TemporaryFolder) throws {
            if let file { try folder.write(file, to: Self.fileName) }
            for (path, text) in files { try folder.write(text, to: path) }
        }

        private static let fileName = "martlet.yaml"
    }
}
