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

    init(_ kind: Kind, _ plugin: PluginID?, _ stage: Stage, _ message: String) {
        self.kind = kind
        self.plugin = plugin
        self.stage = stage
        self.message = message
    }

    init(_ error: WiringError) {
        self.init(error.isOfConfiguration ? .configuration : .bug, nil, .wiring, "\(error)")
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
