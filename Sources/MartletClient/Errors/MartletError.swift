public import MartletModel

/// Why a request has no result.
public enum MartletError: Error, Sendable, Equatable {
    /// The server refused, or failed, and says why.
    case problem(Problem)
    /// An answer that no Martlet server gives to this request, such as a proxy's error page.
    case unexpected(UnexpectedAnswer)
    /// An answer with the right status whose body isn't what the schema says: the server has another schema.
    case invalidResponse(String, mayHaveTakenEffect: Bool)
    /// No connection, or it was lost.
    case connection(ConnectionFailure)
    /// The deadline passed.
    case timedOut(mayHaveTakenEffect: Bool)
    /// The task was cancelled.
    case cancelled(mayHaveTakenEffect: Bool)
    /// The answer has more than `limit` bytes.
    case responseTooLarge(limit: Int, mayHaveTakenEffect: Bool)
    /// The client was closed.
    case closed(mayHaveTakenEffect: Bool)
    /// A URL, path, header or option that can't be used. Nothing was sent.
    case invalidRequest(String)
}

extension MartletError {
    /// Whether the server may have done what the request asked for. If not, the request can be made again without harm;
    /// if so, look first, as a record may be there twice otherwise. For a request that asks for no change it is false,
    /// but for a problem of status 500, 502 or 504: a problem doesn't tell what it answers.
    ///
    /// A write that was sent several times with its idempotency key may have taken effect if any of them may.
    public var mayHaveTakenEffect: Bool {
        switch self {
        // A refusal means that nothing was done, as does every 503 and 507; a 500 or 504 leaves it open.
        case .problem(let problem):
            // With the same key, another request is under way or was done.
            [500, 502, 504].contains(problem.status) || [.requestInProgress, .alreadyDone].contains(problem.code)
        case .unexpected(let answer): answer.mayHaveTakenEffect
        case .connection(let failure): failure.mayHaveTakenEffect
        case .invalidResponse(_, let may), .timedOut(let may), .cancelled(let may), .responseTooLarge(_, let may),
            .closed(let may):
            may
        case .invalidRequest: false
        }
    }

    /// The problem that the server sent, or nil.
    public var problem: Problem? {
        if case .problem(let problem) = self { problem } else { nil }
    }
}

extension MartletError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .problem(let problem): Self.describe(problem)
        case .unexpected(let answer): answer.description
        case .invalidResponse(let detail, _): "the answer is not what the schema says: \(detail)"
        case .connection(let failure): failure.description
        case .timedOut: "the deadline passed"
        case .cancelled: "the task was cancelled"
        case .responseTooLarge(let limit, _): "the answer has more than \(limit) bytes"
        case .closed: "the client was closed"
        case .invalidRequest(let detail): detail
        }
    }

    private static func describe(_ problem: Problem) -> String {
        let errors = problem.errors.map { error in
            switch error.location {
            case .pointer(let pointer): "\(pointer) \(error.detail)"
            case .parameter(let name): "\(name) \(error.detail)"
            }
        }
        return ([problem.detail] + errors).joined(separator: " ") + " (\(problem.status) \(problem.code.rawValue))"
    }
}
