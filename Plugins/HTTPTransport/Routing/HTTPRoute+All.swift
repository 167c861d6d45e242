import MartletKernel
import MartletModel

extension HTTPRoute {
    /// What a server answers beside its documentation: the resources, the plugins' endpoints, and the server's own.
    static func all(
        _ resources: [ServedResource], _ described: [OpenAPIResource], _ pluginRoutes: [Route], basePath: String
    ) -> [HTTPRoute] {
        let schemas = resources.map(\.schema)
        let names = OpenAPINames(schemas)
        let batch = HTTPRoute(
            method: .post, path: "/batch", summary: "Does several writes, all or none",
            description: OpenAPIBatch(schemas, names).route, handler: WriteBatch(path: "\(basePath)/batch"))
        let live = HTTPRoute(
            method: .get, path: "/health/live", summary: "Tells whether the server runs",
            description: OpenAPIServer.liveness, handler: CheckLiveness())
        let ready = HTTPRoute(
            method: .get, path: "/health/ready", summary: "Tells whether the server can do its work",
            description: OpenAPIServer.readiness, handler: CheckReadiness())
        let records = zip(resources, described).flatMap { routes(of: $0, $1.operations) }
        var ids = Set(records.flatMap { $0.description?.operations.map(\.operation.id) ?? [] })
        let endpoints = pluginRoutes.map { route in
            HTTPRoute(
                method: HTTPMethod(route.endpoint.method), path: route.endpoint.path, summary: route.endpoint.summary,
                description: OpenAPIEndpoint(route, schemas, names).description(&ids),
                handler: CallRoute(route, basePath: basePath))
        }
        return records + endpoints + [batch, live, ready]
    }

    private static func routes(of resource: ServedResource, _ operations: OpenAPIOperations) -> [HTTPRoute] {
        let name = resource.schema.name
        let list = PathPattern("/\(name)")
        let record = PathPattern("/\(name)/{\(resource.schema.key.name)}")
        func write(_ method: HTTPMethod, _ path: PathPattern, _ summary: String, _ description: OpenAPIRoute)
            -> HTTPRoute
        {
            HTTPRoute(
                method: method, path: path, summary: summary, description: description,
                handler: WriteRecord(resource: resource, method: method))
        }
        return [
            HTTPRoute(
                method: .get, path: list, summary: "Lists \(name)", description: operations.list,
                handler: ListRecords(resource: resource)),
            write(.post, list, "Creates a record of \(name)", operations.creation),
            HTTPRoute(
                method: .get, path: record, summary: "Reads a record of \(name)", description: operations.reading,
                handler: ReadRecord(resource: resource)),
            write(.put, record, "Replaces a record of \(name)", operations.replacement),
            write(.patch, record, "Changes fields of a record of \(name)", operations.change),
            write(.delete, record, "Deletes a record of \(name)", operations.deletion),
        ]
    }
}

extension HTTPMethod {
    fileprivate init(_ method: EndpointDescription.Method) {
        self =
            switch method {
            case .get: .get
            case .post: .post
            case .put: .put
            case .patch: .patch
            case .delete: .delete
            }
    }
}
