/// Why a server couldn't start, or ended before it was told to.
public struct KernelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Who can mend it.
    public enum Kind: Sendable {
        /// Whoever wrote the configuration.
        case configuration
        /// Whoever runs what the server needs: its database, its address.
        case unavailable
        /// Whoever wrote the plugin.
        case bug
    }

    /// How far the plugin had come.
    public enum Stage: String, Sendable {
        case wiring, initialisation, start, preparation, run
    }

    public let kind: Kind
    /// Nil when it is about all of them.
    public let plugin: PluginID?
    public let stage: Stage
    public let message: String
    /// A later start may succeed without anybody having done anything: the database can't be reached yet, say.
    public let isTransient: Bool
    /// What is wrong with a configuration, where that has places.
    let issues: [ConfigurationIssue]

    init(
        _ kind: Kind, _ plugin: PluginID?, _ stage: Stage, _ message: String, issues: [ConfigurationIssue] = [],
        isTransient: Bool = false
    ) {
        self.isTransient = isTransient
        self.issues = issues
        self.kind = kind
        self.plugin = plugin
        self.stage = stage
        self.message = message
    }

    /// Of mistakes that have a place, which says more than the plugin's name.
    init(_ issues: [ConfigurationIssue]) {
        let message = issues.map(\.description).joined(separator: "\n")
        self.init(.configuration, nil, .initialisation, message, issues: issues)
    }

    /// Several plugins that aren't valid, as one error.
    init(_ errors: [KernelError]) {
        let message = errors.map(\.description).joined(separator: "\n")
        self.init(.configuration, nil, .initialisation, message, issues: errors.flatMap(\.asIssues))
    }

    /// A line for each mistake.
    var asIssues: [ConfigurationIssue] {
        issues.isEmpty ? [ConfigurationIssue(.nowhere, description)] : issues
    }

    /// - Parameter origin: where the plugins were chosen.
    init(_ error: WiringError, at origin: ConfigurationOrigin = .nowhere) {
        let issues = origin == .nowhere ? [] : [ConfigurationIssue(origin, "\(error)")]
        self.init(
            error.isOfConfiguration ? .configuration : .bug, nil, .wiring,
            issues.first?.description ?? "\(error)", issues: issues)
    }

    public var description: String {
        guard let plugin else { return message }
        return switch stage {
        case .wiring: message
        case .initialisation: "\(plugin) is not valid: \(message)"
        case .start: "\(plugin) failed to start: \(message)"
        case .preparation: "\(plugin) could not be prepared: \(message)"
        case .run: "\(plugin) failed: \(message)"
        }
    }
}
