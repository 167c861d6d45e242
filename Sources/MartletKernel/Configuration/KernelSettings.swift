public import Logging

/// The kernel's own settings: sections of the configuration that hold no plugins.
public struct KernelSettings: Sendable {
    /// `shutdown.grace`
    public let grace: Duration
    /// `log.level`
    public let logLevel: Logger.Level
    /// `log.format`
    public let logFormat: LogFormat
    /// `application.hookTimeout`
    public let hookTimeout: Duration
    /// `application.routeTimeout`
    public let routeTimeout: Duration

    /// By the section's name.
    public static let sections: [String: [any SettingDescription]] = [
        "application": [hookTimeout, routeTimeout],
        "log": [logLevel, logFormat],
        "shutdown": [grace],
    ]

    private static let grace = Setting(
        "grace", default: Duration.seconds(8), in: .zero ... .seconds(3600),
        "How long requests under way may take to finish after SIGTERM, SIGINT or SIGHUP.")

    private static let hookTimeout = Setting(
        "hookTimeout", default: Application.defaultHookTimeout, in: .milliseconds(10) ... .seconds(3600),
        "How long the hooks of one write may take, before the commit and again after it.")

    private static let routeTimeout = Setting(
        "routeTimeout", default: Application.defaultRouteTimeout, in: .milliseconds(10) ... .seconds(3600),
        "How long the handler of a plugin's route may take.")

    private static let logLevel = Setting(
        "level", default: Logger.Level.info, "What is logged: this and what is graver.")

    private static let logFormat = Setting(
        "format", default: LogFormat.auto, "auto: text on a terminal, one JSON object a line elsewhere.")

    /// - Parameter text: what is configured under a path such as `log.level`.
    init(_ text: (String) -> String?) throws(SettingError) {
        func value<Value>(_ section: String, _ setting: Setting<Value>) throws(SettingError) -> Value {
            try setting.value(text("\(section).\(setting.name)") ?? setting.defaultText ?? "")
        }
        grace = try value("shutdown", Self.grace)
        hookTimeout = try value("application", Self.hookTimeout)
        routeTimeout = try value("application", Self.routeTimeout)
        logLevel = try value("log", Self.logLevel)
        logFormat = try value("log", Self.logFormat)
    }
}
