import MartletModel

extension ClientResponse {
    /// What an answer means that isn't the one that was expected.
    func failure(of method: HTTPMethod) -> MartletError {
        guard status >= 400, mediaType == "application/problem+json", var problem = problem else {
            return .unexpected(UnexpectedAnswer(self, to: method))
        }
        // The body's status is advisory (RFC 9457, section 3.1.2).
        problem.status = status
        problem.requestID = problem.requestID ?? headers["X-Request-Id"]
        problem.retryAfter = retryAfter
        return .problem(problem)
    }

    /// RFC 9110, section 10.2.3, allows a date too; a Martlet server sends seconds.
    var retryAfter: Duration? {
        headers["Retry-After"].flatMap { UInt32($0) }.map { .seconds($0) }
    }

    private var problem: Problem? {
        try? body.withUnsafeBytes { try Problem(json: $0, status: status) }
    }
}
