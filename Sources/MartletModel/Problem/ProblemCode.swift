/// The stable name of a kind of failure, and the HTTP status that stands for it.
public struct ProblemCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let malformedJSON = ProblemCode(rawValue: "malformed_json")
    public static let invalidParameter = ProblemCode(rawValue: "invalid_parameter")
    public static let badRequest = ProblemCode(rawValue: "bad_request")
    public static let notFound = ProblemCode(rawValue: "not_found")
    public static let methodNotAllowed = ProblemCode(rawValue: "method_not_allowed")
    public static let notAcceptable = ProblemCode(rawValue: "not_acceptable")
    public static let requestTimeout = ProblemCode(rawValue: "request_timeout")
    public static let uniqueTaken = ProblemCode(rawValue: "unique_taken")
    public static let stillReferenced = ProblemCode(rawValue: "still_referenced")
    public static let requestInProgress = ProblemCode(rawValue: "request_in_progress")
    public static let alreadyDone = ProblemCode(rawValue: "already_done")
    public static let preconditionFailed = ProblemCode(rawValue: "precondition_failed")
    public static let bodyTooLarge = ProblemCode(rawValue: "body_too_large")
    public static let uriTooLong = ProblemCode(rawValue: "uri_too_long")
    public static let unsupportedMediaType = ProblemCode(rawValue: "unsupported_media_type")
    public static let expectationFailed = ProblemCode(rawValue: "expectation_failed")
    public static let validationFailed = ProblemCode(rawValue: "validation_failed")
    public static let idempotencyKeyReused = ProblemCode(rawValue: "idempotency_key_reused")
    public static let preconditionRequired = ProblemCode(rawValue: "precondition_required")
    public static let headersTooLarge = ProblemCode(rawValue: "headers_too_large")
    public static let `internal` = ProblemCode(rawValue: "internal")
    public static let notImplemented = ProblemCode(rawValue: "not_implemented")
    public static let overloaded = ProblemCode(rawValue: "overloaded")
    public static let unavailable = ProblemCode(rawValue: "unavailable")
    public static let shuttingDown = ProblemCode(rawValue: "shutting_down")
    public static let outcomeUnknown = ProblemCode(rawValue: "outcome_unknown")
    public static let versionNotSupported = ProblemCode(rawValue: "http_version_not_supported")
    public static let storageFull = ProblemCode(rawValue: "storage_full")

    /// Every code that this version sends, by status.
    public static let all: [ProblemCode] = [
        .malformedJSON, .invalidParameter, .badRequest, .notFound, .methodNotAllowed, .notAcceptable, .requestTimeout,
        .uniqueTaken, .stillReferenced, .requestInProgress, .alreadyDone, .preconditionFailed, .bodyTooLarge,
        .uriTooLong,
        .unsupportedMediaType, .expectationFailed, .validationFailed, .idempotencyKeyReused, .preconditionRequired,
        .headersTooLarge, .internal, .notImplemented, .overloaded, .unavailable, .shuttingDown, .outcomeUnknown,
        .versionNotSupported, .storageFull,
    ]

    /// The status that goes with a known code; 500 for one that this version doesn't know: a ``Problem`` of a plugin's own code
    /// is made with its status.
    public var status: Int { responseStatus.code }

    /// The same as the status of a response.
    package var responseStatus: ResponseStatus {
        switch self {
        case .malformedJSON, .invalidParameter, .badRequest: .badRequest
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .notAcceptable: .notAcceptable
        case .requestTimeout: .requestTimeout
        case .uniqueTaken, .stillReferenced, .requestInProgress, .alreadyDone: .conflict
        case .preconditionFailed: .preconditionFailed
        case .bodyTooLarge: .contentTooLarge
        case .uriTooLong: .uriTooLong
        case .unsupportedMediaType: .unsupportedMediaType
        case .expectationFailed: .expectationFailed
        case .validationFailed, .idempotencyKeyReused: .unprocessableContent
        case .preconditionRequired: .preconditionRequired
        case .headersTooLarge: .headerFieldsTooLarge
        case .notImplemented: .notImplemented
        case .overloaded, .unavailable, .shuttingDown: .serviceUnavailable
        case .outcomeUnknown: .gatewayTimeout
        case .versionNotSupported: .versionNotSupported
        case .storageFull: .insufficientStorage
        default: .internalServerError
        }
    }
}
