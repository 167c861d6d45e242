import MartletModel

/// A response's head: what comes before its content in any version of HTTP.
struct ResponseHead {
    /// How much content follows.
    enum Length: Equatable {
        /// None, by what the status is.
        case none
        case bytes(Int)
        /// It is known when all has been sent.
        case unknown
    }

    var status: ResponseStatus
    var common: CommonFields
    var requestID: String
    var entityTag: EntityTag?
    /// What lets the page that has made the request read the response.
    var crossOrigin: [ResponseField] = []
    var fields: [ResponseField] = []
    var length = Length.none
    /// No request is served after it.
    var closes = false
}

/// The fields that all responses of a kind have.
enum CommonFields: Int, CaseIterable {
    /// Data without content, of which caches and pages have to know the same as of data.
    case data
    case json
    case problem
    /// The response to a browser that asks what it may send.
    case preflight
    /// The same for everyone. Its type and how long it is fresh are its own.
    case asset

    /// - Parameter variesByOrigin: pages of other origins may use the server, so whose page asks changes each response.
    func fields(variesByOrigin: Bool) -> [(name: StaticString, value: StaticString)] {
        let noSniff: (StaticString, StaticString) = ("X-Content-Type-Options", "nosniff")
        let byOrigin: [(StaticString, StaticString)] = variesByOrigin ? [("Vary", "Origin")] : []
        let data: [(StaticString, StaticString)] = [
            ("Cache-Control", "private, no-cache"),
            ("Vary", variesByOrigin ? "Accept, Prefer, Origin" : "Accept, Prefer"), noSniff,
        ]
        return switch self {
        case .data: data
        case .json: [("Content-Type", "application/json")] + data
        case .problem: [("Content-Type", "application/problem+json")] + data
        case .preflight:
            [("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"), noSniff]
        case .asset: [noSniff] + byOrigin
        }
    }
}

extension StaticAsset {
    /// Its fields beside ``CommonFields/asset``.
    var fields: [ResponseField] {
        var fields = [ResponseField("Content-Type", contentType), ResponseField("Cache-Control", cacheControl)]
        if let policy = contentSecurityPolicy { fields.append(ResponseField("Content-Security-Policy", policy)) }
        return fields
    }
}
