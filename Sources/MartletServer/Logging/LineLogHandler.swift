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
        write(
            event.level, event.message.description, everything(of: event), isUrgent: event.level >= .warning)
    }

    private func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, isUrgent: Bool) {
        write(isUrgent: isUrgent) { line in
            switch format {
            case .json: line.writeJSON(clock(), level, label, message, metadata)
            case .text, .auto: line.writeText(clock(), level, label, message, metadata)
            }
        }
    }

    private func everything(of event: LogEvent) -> Logger.Metadata {
        var all = event.metadata ?? [:]
        if !metadata.isEmpty { all.merge(metadata) { own, _ in own } }
        if let provided = metadataProvider?.get(), !provided.isEmpty { all.merge(provided) { own, _ in own } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        return all
    }

    private func write(isUrgent: Bool, _ body: (inout LogLine) -> Void) {
        let dropped = withUnsafeTemporaryAllocation(byteCount: Self.limit, alignment: 1) { buffer in
            var line = LogLine(buffer)
            body(&line)
            return output.write(line.bytes, isUrgent: isUrgent)
        }
        guard dropped > 0 else { return }
        write(.warning, "lines of the log were lost", ["lines": .stringConvertible(dropped)], isUrgent: false)
    }
}

extension LineLogHandler: RequestLogHandler {
    /// Texts together up to which a line holds them, whatever they are: JSON takes six bytes for a control character.
    private static let longestTexts = limit / 8

    func log(_ request: RequestLogEntry) {
        let length =
            label.utf8.count + request.route.utf8.count + request.requestID.utf8.count + (request.path?.utf8.count ?? 0)
        guard case .json = format, metadata.isEmpty, metadataProvider == nil, length <= Self.longestTexts else {
            return write(.info, "request", request.metadata.merging(metadata) { own, _ in own }, isUrgent: false)
        }
        write(isUrgent: false) { $0.writeJSON(clock(), label, request) }
    }
}
