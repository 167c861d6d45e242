import MartletModel

/// What the server says of itself: the OpenAPI document, and the page that shows it.
struct Documentation: Sendable {
    /// The OpenAPI document, written once.
    let openAPI: [UInt8]
    private let swaggerUI: SwaggerUI

    /// Pages that no record changes. They are made when the server starts, not on a request.
    init(resources: some Sequence<ResourceSchema>, title: String, assets: String) {
        var writer = JSONWriter()
        writer.write(OpenAPIDocument(resources, title: title).json)
        openAPI = writer.withBytes { Array($0) }
        swaggerUI = SwaggerUI(title: title, folder: assets)
    }

    /// Whether `/docs` can show more than instructions.
    var isInteractive: Bool { swaggerUI.isComplete }

    /// The page at a path, `http.basePath` taken off; nil when there is none.
    func page(for path: String) -> StaticPage? {
        if path == "/openapi.json" {
            return StaticPage(body: openAPI, contentType: "application/json", cacheControl: "no-cache")
        }
        if path == "/docs" { return swaggerUI.page("") }
        guard path.hasPrefix("/docs/") else { return nil }
        let name = String(path.dropFirst("/docs/".count))
        return name.isEmpty ? nil : swaggerUI.page(name)
    }
}
