import MartletKernel
import MartletModel

/// What `martlet routes` lists.
extension Router {
    var routes: [Route] {
        resources.flatMap(Self.routes) + ownRoutes
    }

    private static func routes(of resource: ServedResource) -> [Route] {
        let (list, record, name) = (resource.path, resource.recordPattern, resource.schema.name)
        return [
            Route(method: "GET", path: list, summary: "Lists \(name)"),
            Route(method: "POST", path: list, summary: "Creates a record of \(name)"),
            Route(method: "GET", path: record, summary: "Reads a record of \(name)"),
            Route(method: "PUT", path: record, summary: "Replaces a record of \(name)"),
            Route(method: "PATCH", path: record, summary: "Changes fields of a record of \(name)"),
            Route(method: "DELETE", path: record, summary: "Deletes a record of \(name)"),
        ]
    }

    private var ownRoutes: [Route] {
        [
            Route(method: "POST", path: "\(basePath)/batch", summary: "Does several writes, all or none"),
            Route(method: "GET", path: "\(basePath)/openapi.json", summary: "Describes this interface in OpenAPI"),
            Route(method: "GET", path: "\(basePath)/docs", summary: "Shows this interface in a browser"),
            Route(method: "GET", path: "\(basePath)/health/live", summary: "Tells whether the server runs"),
            Route(method: "GET", path: "\(basePath)/health/ready", summary: "Tells whether the server can do its work"),
        ]
    }
}
