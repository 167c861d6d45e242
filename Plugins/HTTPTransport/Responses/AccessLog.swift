import Logging
import NIOCore

/// One line a request. Never the query nor a body, as these are the clients' data; the path only where no route has it.
struct AccessLog: Sendable {
    private let logger: Logger
    private let isOn: Bool

    init(_ logger: Logger, isOn: Bool) {
        self.logger = logger
        self.isOn = isOn
    }

    /// - Parameter bytes: of the answer's content.
    /// - Parameter isTaken: the client is there. What fails because it has gone away is no error of the server's.
    func record(_ exchange: Exchange, _ answer: Answer, bytes: Int, isTaken: Bool = true) {
        if let cause = answer.cause, isTaken || answer.status == 500 {
            logger.error("request failed", metadata: metadata(exchange, answer, bytes, cause: cause))
        } else if isOn, logger.logLevel <= .info {
            logger.info("request", metadata: metadata(exchange, answer, bytes))
        }
    }

    private func metadata(
        _ exchange: Exchange, _ answer: Answer, _ bytes: Int, cause: String? = nil
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "method": .string(exchange.method.name),
            "route": .string(exchange.site?.pattern ?? "-"),
            "status": .string(String(answer.status)),
            "bytes": .string(String(bytes)),
            "durationMs": .string(Self.milliseconds(NIODeadline.now() - exchange.started)),
            "requestId": .string(exchange.requestID),
        ]
        if let path = exchange.unservedPath { metadata["path"] = .string(path) }
        if let cause { metadata["cause"] = .string(cause) }
        return metadata
    }

    /// With three digits behind the point.
    private static func milliseconds(_ time: TimeAmount) -> String {
        let microseconds = max(time.nanoseconds, 0) / 1000
        let rest = String(microseconds % 1000)
        return "\(microseconds / 1000)." + (rest.utf8.count == 1 ? "00" : rest.utf8.count == 2 ? "0" : "") + rest
    }
}
