import MartletModel

/// Lets pages of other origins use the server (CORS: the Fetch standard, section 3.2). Without one no browser does.
final class CrossOrigin: Sendable {
    /// What a request's field Origin says.
    enum Match: Equatable {
        /// There is none: no page of another origin has made the request.
        case absent
        /// One that isn't allowed, or several.
        case refused
        /// The allowed one of this number.
        case allowed(Int)
    }

    /// How long a browser may go without asking again what it may send.
    private static let maxAge = 600
    private static let exposed =
        "Link, ETag, Location, Content-Location, X-Total-Count, X-Request-Id, Retry-After, Preference-Applied"
    private static let allowedFields =
        "Accept, Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Prefer, X-Request-Id"

    private let isAny: Bool
    private let allowedFields: String
    private let origins: [[UInt8]]
    /// For each origin, the fields that let its pages read an answer.
    private let fields: [[ResponseField]]

    /// Nil when no origin is allowed.
    /// - Parameter endpoints: pages may send the header fields that these read.
    init?(
        _ allowed: AllowedOrigins, withCredentials: Bool, furtherFields: [String] = [],
        _ endpoints: [EndpointDescription] = []
    ) {
        guard !allowed.origins.isEmpty else { return nil }
        isAny = allowed.isAny
        let names = endpoints.flatMap(\.headerFields).reduce(into: furtherFields) { names, name in
            if !names.contains(name) { names.append(name) }
        }
        allowedFields = ([Self.allowedFields] + names).joined(separator: ", ")
        origins = allowed.origins.map { Array($0.utf8) }
        fields = allowed.origins.map { origin in
            let credentials = withCredentials ? [ResponseField("Access-Control-Allow-Credentials", "true")] : []
            return [ResponseField("Access-Control-Allow-Origin", origin)] + credentials
                + [ResponseField("Access-Control-Expose-Headers", Self.exposed)]
        }
    }

    /// - Parameter earlier: what a field of the same name has said before.
    func match(_ origin: UnsafeRawBufferPointer, behind earlier: Match) -> Match {
        guard earlier == .absent else { return .refused }
        if isAny { return .allowed(0) }
        return origins.firstIndex { origin.equals($0) }.map(Match.allowed) ?? .refused
    }

    /// The fields that let the page read the answer; none if it may not.
    func fields(for match: Match) -> [ResponseField] {
        if case .allowed(let number) = match { fields[number] } else { [] }
    }

    /// What a browser that asks may send, beside ``fields(for:)``.
    func permissions(methods: String) -> [ResponseField] {
        [
            ResponseField("Access-Control-Allow-Methods", methods),
            ResponseField("Access-Control-Allow-Headers", allowedFields),
            ResponseField("Access-Control-Max-Age", String(Self.maxAge)),
        ]
    }

    /// Names with commas between them.
    static func names(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
    }

    /// A token (RFC 9110, section 5.1).
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(\.isTokenCharacter)
    }
}
