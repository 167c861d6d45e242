/// A failure as clients see it: an RFC 9457 problem, whatever went wrong.
public struct Problem: Error, Sendable, Equatable {
    public var code: ProblemCode
    public var status: Int
    /// For a person. Never SQL, a path of the server or a type's name.
    public var detail: String
    /// What is wrong with which part of the request, in the schema's order.
    public var errors: [FieldError]
    /// When to try again; only where nothing was done.
    public var retryAfter: Duration?
    /// The request's id, as in the server's log. A transport fills it in.
    public var requestID: String?
    /// What lies behind it, for the server's log alone: never sent.
    public var cause: String?

    public init(_ code: ProblemCode, _ detail: String, errors: [FieldError] = [], retryAfter: Duration? = nil) {
        self.code = code
        self.status = code.status
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
    }

    /// How many errors an answer has at most.
    public static let maxErrors = 100

    /// 422 with all that is wrong with a body.
    public static func validationFailed(_ errors: [FieldError]) -> Problem {
        var detail = errors.count == 1 ? "1 field is not valid." : "\(errors.count) fields are not valid."
        if errors.count > maxErrors { detail += " The first \(maxErrors) are listed." }
        return Problem(.validationFailed, detail, errors: Array(errors.prefix(maxErrors)))
    }
}
