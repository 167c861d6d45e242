/// When a client repeats a request by itself, and how often.
///
/// It repeats what ended without a result that can be relied on: a connection that was refused or lost, and the
/// statuses 429, 500, 502, 503, 504, and 409 with the code `request_in_progress`. And only what does no harm when it
/// comes twice: a request that changes nothing, or a write with an idempotency key, which the server carries out once
/// and answers the same each time. A write without a key is never repeated.
///
/// All attempts and the pauses between them lie within the request's one deadline.
public struct RetryPolicy: Sendable, Equatable {
    /// How often a request is sent at the most, the first time included; at least 1, which means never again.
    public var maxAttempts = 4
    /// The pause before the second attempt; it doubles with each further one, and is shortened at random by up to a
    /// half, so that clients that failed together don't come back together. A server's `Retry-After` is waited for as
    /// well.
    public var firstDelay: Duration = .milliseconds(100)
    /// The longest pause, unless the server asks for a longer one.
    public var maxDelay: Duration = .seconds(5)
    /// Writes that are given no idempotency key get a random one, so that they can be repeated. It costs the server one
    /// stored result for each write, which it keeps for a day.
    public var generatesIdempotencyKeys = true

    public init() {}

    /// Nothing is repeated, and no keys are made.
    public static let none: RetryPolicy = {
        var policy = RetryPolicy()
        policy.maxAttempts = 1
        return policy
    }()
}

extension RetryPolicy {
    /// Whether a write without a key gets one: it is of no use when nothing is repeated.
    var makesKeys: Bool { generatesIdempotencyKeys && maxAttempts > 1 }

    /// What keeps the policy from being used, or nil.
    var mistake: String? {
        guard maxAttempts >= 1 else { return "retry.maxAttempts is at least 1" }
        return firstDelay < .zero || maxDelay < .zero ? "a retry's delays are not negative" : nil
    }

    /// How long to pause before the request is sent again; nil when it shouldn't be.
    /// - Parameter attempt: how often it has been sent.
    func delay(after failure: MartletError, attempt: Int) -> Duration? {
        guard attempt < maxAttempts, failure.isTemporary else { return nil }
        let pause = backoff(after: attempt) * Double.random(in: 0.5...1)
        // Not before the time that the server names, and not all at it.
        return (failure.retryAfter ?? .zero) + pause
    }

    /// The pause before it is shortened at random.
    func backoff(after attempt: Int) -> Duration {
        // 2 to the 20th of any delay is longer than a request may take.
        min(maxDelay, firstDelay * (1 << min(attempt - 1, 20)))
    }
}
