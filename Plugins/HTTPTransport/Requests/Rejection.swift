import MartletModel

/// Why a request isn't served: the problem, and what the answer carries beside it.
struct Rejection: Error {
    var problem: Problem
    var fields: [ResponseField] = []
    /// Nobody knows any more where the next request would begin.
    var closes = false

    init(_ problem: Problem, fields: [ResponseField] = [], closes: Bool = false) {
        self.problem = problem
        self.fields = fields
        self.closes = closes
    }

    /// 400 for what is no HTTP. Nothing behind it on the connection can be trusted.
    static func malformed(_ detail: String) -> Rejection {
        Rejection(Problem(.badRequest, detail), closes: true)
    }

    /// 505 for another major version than 1. Where such a request ends isn't known.
    static func versionNotSupported(_ version: String) -> Rejection {
        Rejection(
            Problem(.versionNotSupported, "\(version) is not served here: send HTTP/1.1 or HTTP/1.0."), closes: true)
    }

    static func headersTooLarge(_ detail: String) -> Rejection {
        Rejection(Problem(.headersTooLarge, detail), closes: true)
    }

    static func targetTooLong(_ limits: Limits) -> Rejection {
        Rejection(Problem(.uriTooLong, "The request's target is longer than \(limits.targetSize) bytes."), closes: true)
    }

    /// The server holds as many bytes for its clients as it may.
    static let overloaded = Rejection(
        Problem(.overloaded, "The server has no memory left for this request.", retryAfter: .seconds(1)))

    static func bodyTooLarge(_ limits: Limits) -> Rejection {
        Rejection(Problem(.bodyTooLarge, "The body is larger than \(limits.bodySize) bytes."), closes: true)
    }
}
