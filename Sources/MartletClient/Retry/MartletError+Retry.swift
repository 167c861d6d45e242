import MartletModel

extension MartletError {
    /// Whether the same request may well have a result when it is made again.
    var isTemporary: Bool {
        switch self {
        case .problem(let problem): problem.code == .requestInProgress || Self.isTemporary(problem.status)
        case .unexpected(let answer): Self.isTemporary(answer.status)
        case .connection(let failure): failure.reason == .refused || failure.reason == .lost
        // The deadline is that of all attempts.
        case .timedOut, .cancelled, .closed, .invalidResponse, .responseTooLarge, .invalidRequest: false
        }
    }

    private static func isTemporary(_ status: Int) -> Bool {
        [429, 500, 502, 503, 504].contains(status)
    }

    /// How long the server asks to wait.
    var retryAfter: Duration? {
        switch self {
        case .problem(let problem): problem.retryAfter
        case .unexpected(let answer): answer.retryAfter
        default: nil
        }
    }

    /// The error of a write that was sent before with the same idempotency key.
    /// - Parameter earlier: the last attempt's error that left open whether it has taken effect.
    func following(_ earlier: MartletError?) -> MartletError {
        guard let earlier, !mayHaveTakenEffect else { return self }
        switch self {
        // The server looks for the key's stored result before it judges a write: who is refused was not served before.
        case .problem(let problem) where [404, 409, 412, 422, 428].contains(problem.status): return self
        case .timedOut: return .timedOut(mayHaveTakenEffect: true)
        case .cancelled: return .cancelled(mayHaveTakenEffect: true)
        case .closed: return .closed(mayHaveTakenEffect: true)
        default: return earlier
        }
    }
}
