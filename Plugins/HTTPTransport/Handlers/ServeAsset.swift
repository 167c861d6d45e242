import MartletModel

/// Serves a document that is the same for everyone.
struct ServeAsset: RequestHandler {
    let asset: StaticAsset

    /// Any: browsers and caches add theirs.
    var queryParameters: [String]? { nil }
    var respondsInJSON: Bool { false }

    func accept(_ request: inout Request) -> RequestWork? {
        .respond(Answer(status: .ok, content: .asset(asset)))
    }
}
