/// A failure as clients see it: an RFC 9457 problem, whatever went wrong.
public struct Problem: Error, Sendable, Equatable {
    public var code: ProblemCode
    /// The code's, unless the problem was made with another one; in a client, that of the response.
    public package(set) var status: Int
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
    /// There are more errors than ``maxErrors``.
    package var hasMoreErrors = false
    /// References of the body whose records may be missing too, in the order of ``errors``.
    package var uncheckedReferences: [UncheckedReference] = []

    public init(_ code: ProblemCode, _ detail: String, errors: [FieldError] = [], retryAfter: Duration? = nil) {
        self.init(code.responseStatus, code, detail, errors: errors, retryAfter: retryAfter)
    }

    /// A failure of a plugin's own kind:
    ///
    /// ```swift
    /// throw Problem(.conflict, ProblemCode(rawValue: "no_copies_left"), "All copies are lent.")
    /// ```
    /// - Parameter code: in lower case with `_`, as Martlet's own.
    public init(
        _ status: ResponseStatus, _ code: ProblemCode, _ detail: String, errors: [FieldError] = [],
        retryAfter: Duration? = nil
    ) {
        self.code = code
        self.status = status.code
        self.detail = detail
        self.errors = errors
        self.retryAfter = retryAfter
    }

    /// How many errors an answer has at most.
    public static let maxErrors = 100

    /// 422 with all that is wrong with a body.
    public static func validationFailed(_ errors: [FieldError]) -> Problem {
        validationFailed(errors, hasMore: false)
    }

    /// - Parameter hasMore: there are more errors than these.
    package static func validationFailed(_ errors: [FieldError], hasMore: Bool) -> Problem {
        let isLimited = hasMore || errors.count > maxErrors
        let count =
            isLimited
            ? "More than \(maxErrors) fields are" : errors.count == 1 ? "1 field is" : "\(errors.count) fields are"
        return Problem(.validationFailed, "\(count) not valid.").listing(errors, hasMore: hasMore)
    }

    /// The problem with the first of these errors. Its detail says so when there are more.
    /// - Parameter hasMore: there are more errors than these.
    package func listing(_ errors: [FieldError], hasMore: Bool = false, atMost limit: Int = maxErrors) -> Problem {
        var problem = self
        problem.errors = Array(errors.prefix(limit))
        problem.hasMoreErrors = hasMore || errors.count > limit
        if problem.hasMoreErrors { problem.detail += " The first \(problem.errors.count) errors are listed." }
        return problem
    }
}
