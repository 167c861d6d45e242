/// What a path leads to.
enum Site {
    case list(ServedResource)
    case record(ServedResource, key: String)
    case batch(pattern: String)
    case liveness(pattern: String)
    case readiness(pattern: String)
    case page(StaticPage, pattern: String)
    /// `OPTIONS *`.
    case server

    /// The path with its variable parts named: what logs show.
    var pattern: String {
        switch self {
        case .list(let resource): resource.path
        case .record(let resource, _): resource.recordPattern
        case .batch(let pattern), .liveness(let pattern), .readiness(let pattern), .page(_, let pattern): pattern
        case .server: "*"
        }
    }

    /// The value of the field Allow.
    var allowedMethods: String {
        switch self {
        case .list: "GET, HEAD, POST, OPTIONS"
        case .record: "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"
        case .batch: "POST, OPTIONS"
        case .liveness, .readiness, .page: "GET, HEAD, OPTIONS"
        case .server: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        }
    }
}
