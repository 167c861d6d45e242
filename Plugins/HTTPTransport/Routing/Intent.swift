import MartletModel

/// What a method means at a site, before its parameters are looked at.
enum Intent {
    case create(ServedResource)
    case list(ServedResource)
    case read(ServedResource, key: String)
    case change(ServedResource, key: String, (Key) -> Plan.Change)
    case batch
    case liveness
    case readiness
    case page(StaticPage)

    /// Nil for a method that the site lacks.
    init?(_ method: HTTPMethod, at site: Site) {
        switch (site, method) {
        case (.list(let resource), .get), (.list(let resource), .head): self = .list(resource)
        case (.list(let resource), .post): self = .create(resource)
        case (.record(let resource, let key), .get), (.record(let resource, let key), .head):
            self = .read(resource, key: key)
        case (.record(let resource, let key), .put): self = .change(resource, key: key, Plan.Change.replace)
        case (.record(let resource, let key), .patch): self = .change(resource, key: key, Plan.Change.patch)
        case (.record(let resource, let key), .delete): self = .change(resource, key: key, Plan.Change.delete)
        case (.batch, .post): self = .batch
        case (.liveness, .get), (.liveness, .head): self = .liveness
        case (.readiness, .get), (.readiness, .head): self = .readiness
        case (.page(let page, _), .get), (.page(let page, _), .head): self = .page(page)
        default: return nil
        }
    }

    /// The query parameters that it takes; nil for a list, which has its own, and where any are: browsers and caches add
    /// theirs to pages.
    var parameters: [String]? {
        switch self {
        case .list, .page: nil
        case .read: ["expand"]
        default: []
        }
    }
}
