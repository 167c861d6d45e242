import Logging
import MartletKernel

/// A line of the log for each event: text for people, or one JSON object.
///
/// It runs within every request, so it formats into one bounded buffer, without Foundation.
struct LineLogHandler: LogHandler {
    /// The length of a line in bytes, at most: what one write takes.
    static let limit = LogOutput.writeLimit

    let label: String
    let format: LogFormat
    let output: LogOutput
    /// Microseconds since 1970.
    let clock: @Sendable () -> Int64
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    /// What makes a server's loggers.
    static func factory(_ settings: KernelSettings, _ output: LogOutput) -> @Sendable (String) -> Logger {
        let format = format(settings, output)
        return { label in
            Logger(label: label) { label in
                LineLogHandler(
                    label: label, format: format, output: output, clock: WallClock.system.now,
                    logLevel: settings.logLevel)
            }
        }
    }

    /// That of the setting; automatically text for people and JSON for programs.
    static func format(_ settings: KernelSettings, _ output: LogOutput) -> LogFormat {
        switch settings.logFormat {
        case .auto: output.isTerminal ? .text : .json
        case let format: format
        }
    }

    /// Makes loggers that say nothing.
    static let none: @Sendable (String) -> Logger = { Logger(label: $0) { _ in SwiftLogNoOpLogHandler() } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let lost = write(
            level: event.level, message: event.message.description, metadata: everything(of: event),
            isUrgent: event.level >= .warning)
        if lost > 0 {
            _ = write(
                level: .warning, message: "lines of the log were lost", metadata: ["lines": .stringConvertible(lost)],
                isUrgent: false)
        }
    }

    private func everything(of event: LogEvent) -> Logger.Metadata {
        var all = event.metadata ?? [:]
        if !metadata.isEmpty { all.merge(metadata) { own, _ in own } }
        if let provided = metadataProvider?.get(), !provided.isEmpty { all.merge(provided) { own, _ in own } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        return all
    }

    /// - Returns: how many lines were lost before this one.
    private func write(level: Logger.Level, message: String, metadata: Logger.Metadata, isUrgent: Bool) -> Int {
        withUnsafeTemporaryAllocation(byteCount: Self.limit, alignment: 1) { buffer in
            var line = LogLine(buffer)
            switch format {
            case .json: line.writeJSON(clock(), level, label, message, metadata)
            case .text, .auto: line.writeText(clock(), level, label, message, metadata)
            }
            return output.write(line.bytes, isUrgent: isUrgent)
        }
    }
}
