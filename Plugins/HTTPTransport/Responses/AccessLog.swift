import Logging
import MartletKernel
import MartletModel
import NIOCore

/// One line a request. Never the query nor a body, as these are the clients' data; the path only where no route has it.
struct AccessLog: Sendable {
    private let logger: Logger
    private let isOn: Bool
    private let requestHandler: (any RequestLogHandler)?

    init(_ logger: Logger, isOn: Bool) {
        self.logger = logger
        self.isOn = isOn
        requestHandler = logger.handler as? any RequestLogHandler
    }

    /// - Parameter bytes: of the answer's content.
    /// - Parameter isTaken: the client is there. What fails because it has gone away is no error of the server's.
    func record(_ exchange: Exchange, _ answer: Answer, bytes: Int, isTaken: Bool = true) {
        if let cause = answer.cause, isTaken || answer.status == .internalServerError {
            var metadata = entry(exchange, answer, bytes).metadata
            metadata["cause"] = .string(cause)
            logger.error("request failed", metadata: metadata)
        } else if isOn, logger.logLevel <= .info {
            let entry = entry(exchange, answer, bytes)
            if let requestHandler {
                requestHandler.log(entry)
            } else {
                logger.info("request", metadata: entry.metadata)
            }
        }
    }

    private func entry(_ exchange: Exchange, _ answer: Answer, _ bytes: Int) -> RequestLogEntry {
        RequestLogEntry(
            method: exchange.method.name, route: exchange.pattern ?? "-", status: answer.status.code, bytes: bytes,
            microseconds: max((NIODeadline.now() - exchange.started).nanoseconds, 0) / 1000,
            requestID: exchange.requestID, path: exchange.unservedPath)
    }
}
