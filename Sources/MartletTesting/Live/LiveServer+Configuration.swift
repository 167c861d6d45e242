extension LiveServer {
    /// What a server runs with.
    public struct Configuration: Sendable, CustomStringConvertible {
        /// Values that `--set` gives, by their path: `["storage.sqlite.path": "martlet.db"]`.
        public var settings: [String: String]
        /// A configuration file's text, in YAML. Without it the server has its defaults.
        public var file: String?
        /// The server's environment. Nothing of the test's own is passed on.
        public var environment: [String: String]
        /// How long a start may take before it counts as failed.
        public var startLimit: Duration = .seconds(60)

        /// - Parameters:
        ///   - settings: added to a free port on the loopback address; a setting given here wins.
        ///   - file: a configuration file's text.
        ///   - environment: added to a `PATH`.
        public init(settings: [String: String] = [:], file: String? = nil, environment: [String: String] = [:]) {
            let loopback = ["transport.http.host": "127.0.0.1", "transport.http.port": "0"]
            self.settings = loopback.merging(settings) { $1 }
            self.file = file
            self.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        }

        /// The command line, without the program.
        public var description: String { commandLine.joined(separator: " ") }

        var commandLine: [String] {
            ["serve"] + (file == nil ? [] : ["--config", Self.fileName])
                + settings.sorted { $0.key < $1.key }.flatMap { ["--set", "\($0)=\($1)"] }
        }

        func write(to folder: TemporaryFolder) throws {
            if let file { try folder.write(file, to: Self.fileName) }
        }

        private static let fileName = "martlet.yaml"
    }
}
