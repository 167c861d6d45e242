import MartletKernel
import MartletModel

/// All that a server answers: its routes, and the document that describes them.
struct HTTPInterface: Sendable {
    let routes: RouteTable
    /// An OpenAPI document in JSON, written once.
    let openAPI: [UInt8]

    /// - Parameters:
    ///   - basePath: what all paths begin with: it begins with `/` and doesn't end with it, or is empty.
    ///   - title: what the documentation calls the API.
    ///   - assets: the folder with Swagger UI's files.
    init(
        _ schemas: [ResourceSchema], _ pluginRoutes: [Route] = [], basePath: String = "", title: String = "Martlet",
        assets: String = "/nonexistent"
    ) {
        let schemas = schemas.sorted { $0.name < $1.name }
        let byName = Dictionary(schemas.map { ($0.name, $0) }) { first, _ in first }
        let names = OpenAPINames(schemas)
        let described = schemas.map { OpenAPIResource($0, names, among: byName) }
        let resources = schemas.map { ServedResource($0, basePath: basePath) }
        let routes = HTTPRoute.all(resources, described, pluginRoutes, basePath: basePath)
        let documentation = Documentation(of: routes, resources: described, title: title, assets: assets)
        self.routes = RouteTable(routes + documentation.routes, basePath: basePath)
        openAPI = documentation.openAPI
    }

    /// For `martlet routes`.
    func listings(basePath: String) -> [RouteListing] {
        routes.routes.compactMap { route in
            route.summary.map {
                RouteListing(method: route.method.name, path: "\(basePath)\(route.path)", summary: $0)
            }
        }
    }
}
