import MartletModel

/// What the server says of itself: the OpenAPI document, and the page that shows it.
struct Documentation: Sendable {
    /// The OpenAPI document, written once.
    let openAPI: [UInt8]
    let routes: [HTTPRoute]

    /// Documents that no record changes. They are made when the server starts, not on a request.
    /// - Parameter others: what is described beside the documentation itself.
    init(of others: [HTTPRoute], resources: [OpenAPIResource], title: String, assets: String) {
        let swaggerUI = SwaggerUI(title: title, folder: assets)
        let html = HTTPRoute(
            method: .get, path: "/docs", summary: "Shows this interface in a browser",
            description: OpenAPIServer.documentation, handler: ServeAsset(asset: swaggerUI.document))
        func route(_ openAPI: [UInt8]) -> HTTPRoute {
            let asset = StaticAsset(body: openAPI, contentType: "application/json", cacheControl: "no-cache")
            return HTTPRoute(
                method: .get, path: "/openapi.json", summary: "Describes this interface in OpenAPI",
                description: OpenAPIServer.openAPI, handler: ServeAsset(asset: asset))
        }
        var writer = JSONWriter()
        // It describes the route that serves it, too.
        writer.write(OpenAPIDocument(routes: others + [route([]), html], resources: resources, title: title).json)
        openAPI = writer.withBytes { Array($0) }
        routes =
            [route(openAPI), html]
            + swaggerUI.files.map { name, asset in
                HTTPRoute(method: .get, path: PathPattern("/docs/\(name)"), handler: ServeAsset(asset: asset))
            }
    }
}
