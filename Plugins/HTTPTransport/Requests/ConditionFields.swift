/// The header fields that decide whether and how often a request is done. None of them may be passed over: a client that
/// sends one relies on it.
struct ConditionFields: OptionSet {
    let rawValue: UInt8

    static let ifMatch = ConditionFields(rawValue: 1)
    static let ifNoneMatch = ConditionFields(rawValue: 2)
    /// No record tells when it was changed, so no route serves it. If-Modified-Since in the same case is to be ignored
    /// (RFC 9110, section 13.1.3): then the whole answer is sent, which is never wrong.
    static let ifUnmodifiedSince = ConditionFields(rawValue: 4)
    static let idempotencyKey = ConditionFields(rawValue: 8)

    static let names: [(field: ConditionFields, name: StaticString)] = [
        (.ifMatch, "If-Match"), (.ifNoneMatch, "If-None-Match"), (.ifUnmodifiedSince, "If-Unmodified-Since"),
        (.idempotencyKey, "Idempotency-Key"),
    ]
}
