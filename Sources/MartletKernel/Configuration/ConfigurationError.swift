/// All that is wrong with a configuration, at once.
public struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public let issues: [ConfigurationIssue]

    package init(issues: [ConfigurationIssue]) {
        self.issues = issues
    }

    /// One line for each.
    public var description: String { issues.map(\.description).joined(separator: "\n") }
}

/// One mistake in a configuration. It never holds a secret's value.
public struct ConfigurationIssue: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where it stands.
    public let origin: ConfigurationOrigin
    public let message: String

    package init(_ origin: ConfigurationOrigin, _ message: String) {
        self.origin = origin
        self.message = message
    }

    public var description: String { withoutCredentials("\(origin): \(message)") }
}

/// Where a value comes from.
public enum ConfigurationOrigin: Sendable, Equatable, CustomStringConvertible {
    /// Line and column count from 1, columns in Unicode scalars.
    case file(String, line: Int, column: Int)
    /// A file as a whole.
    case wholeFile(String)
    case commandLine
    case environment(String)
    /// It stands nowhere, and should.
    case nowhere

    /// For the order of a file's mistakes.
    var position: (line: Int, column: Int) {
        if case .file(_, let line, let column) = self { (line, column) } else { (0, 0) }
    }

    public var description: String {
        switch self {
        case .file(let path, let line, let column): "\(path):\(line):\(column)"
        case .wholeFile(let path): path
        case .commandLine: "--set"
        case .environment(let name): "environment variable \(name)"
        case .nowhere: "configuration"
        }
    }
}
