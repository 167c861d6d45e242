public import Logging

/// A line of the log for a request that was answered.
public struct RequestLogEntry: Sendable {
    public var method: String
    /// The pattern of the route; "-" where there is none.
    public var route: String
    public var status: Int
    /// Of the response's content.
    public var bytes: Int
    public var microseconds: Int64
    public var requestID: String
    /// Where no route has it.
    public var path: String?

    public init(
        method: String, route: String, status: Int, bytes: Int, microseconds: Int64, requestID: String, path: String?
    ) {
        (self.method, self.route, self.status, self.bytes) = (method, route, status, bytes)
        (self.microseconds, self.requestID, self.path) = (microseconds, requestID, path)
    }

    /// The same for any log handler.
    public var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [
            "method": .string(method), "route": .string(route), "status": .string(String(status)),
            "bytes": .string(String(bytes)), "durationMs": .string(milliseconds), "requestId": .string(requestID),
        ]
        if let path { metadata["path"] = .string(path) }
        return metadata
    }

    /// With three digits after the point.
    private var milliseconds: String {
        let rest = String(microseconds % 1000)
        return "\(microseconds / 1000)." + (rest.utf8.count == 1 ? "00" : rest.utf8.count == 2 ? "0" : "") + rest
    }
}

/// A log handler that writes requests without making a dictionary of each: that would cost a short request a tenth of its time.
public protocol RequestLogHandler: LogHandler {
    /// Writes what `info` with the message "request" and ``RequestLogEntry/metadata`` would.
    func log(_ request: RequestLogEntry)
}
