import MartletKernel

/// The interactive documentation at `/docs`: Swagger UI from a folder beside the server, so that it works without internet.
struct SwaggerUI: Sendable {
    /// What the page loads, by its name under `/docs/`; empty when the folder doesn't have it.
    private let assets: [String: StaticAsset]
    private let title: String
    private let folder: String

    private static let assetTypes = [
        "swagger-ui.css": "text/css; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    ]

    /// In bytes, of each file. Swagger UI's largest has 1.4 MB.
    private static let assetLimit = 16 << 20

    /// Refuses a folder that was configured and doesn't have the files. The standard one needn't be there.
    static func checkFiles(in folder: String) throws(SettingError) {
        guard ConfiguredPath.kind(of: folder) == .folder else {
            throw SettingError("is no folder that is there: \(absolutePath(folder))")
        }
        for name in assetTypes.keys.sorted() where ConfiguredPath.kind(of: "\(folder)/\(name)") != .file {
            throw SettingError("is a folder without \(name): scripts/fetch-docs-assets gets it")
        }
    }

    /// Reads the assets into memory. Without them the page says how to get them.
    init(title: String, folder: String) {
        self.title = title
        self.folder = folder
        var assets: [String: StaticAsset] = [:]
        for (name, type) in Self.assetTypes {
            guard let bytes = try? readFile("\(folder)/\(name)", limit: Self.assetLimit) else { continue }
            assets[name] = StaticAsset(body: bytes, contentType: type, cacheControl: "public, max-age=3600")
        }
        self.assets = assets.count == Self.assetTypes.count ? assets : [:]
    }

    var isComplete: Bool { !assets.isEmpty }

    /// The documentation itself.
    var document: StaticAsset { html(isComplete ? index : instructions) }

    /// What it loads, by its name below `/docs`.
    var files: [(name: String, asset: StaticAsset)] {
        guard isComplete else { return [] }
        let start = StaticAsset(
            body: Array(start.utf8), contentType: "text/javascript; charset=utf-8", cacheControl: "no-cache")
        return assets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + [("start.js", start)]
    }

    private func html(_ text: String) -> StaticAsset {
        StaticAsset(
            body: Array(text.utf8), contentType: "text/html; charset=utf-8", cacheControl: "no-cache",
            // Swagger UI sets styles from its script and shows its logo as a data URL; nothing comes from elsewhere.
            contentSecurityPolicy:
                "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    }

    private var index: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escaped(title))</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="docs/swagger-ui.css">
        </head>
        <body>
        <div id="docs"></div>
        <noscript>This page needs JavaScript; <a href="openapi.json">openapi.json</a> has the same in JSON.</noscript>
        <script src="docs/swagger-ui-bundle.js"></script>
        <script src="docs/start.js"></script>
        </body>
        </html>

        """
    }

    private var start: String {
        """
        SwaggerUIBundle({
          url: "openapi.json", dom_id: "#docs", deepLinking: true, tryItOutEnabled: true,
          // The validator's badge would ask a server elsewhere.
          validatorUrl: null,
        });

        """
    }

    private var instructions: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>\(escaped(title))</title>
        <link rel="icon" href="data:,">
        <style>body { font: 16px/1.5 sans-serif; max-width: 40em; margin: 3em auto; padding: 0 1em }</style>
        </head>
        <body>
        <h1>\(escaped(title))</h1>
        <p>The API is described by <a href="openapi.json">openapi.json</a>.</p>
        <p>Interactive documentation needs the files of Swagger UI, which are not in
        <code>\(escaped(folder))</code>. To get them, run <code>scripts/fetch-docs-assets</code> in
        Martlet's folder, or set <code>transport.http.docsAssets</code> to a folder that has
        <code>swagger-ui.css</code> and <code>swagger-ui-bundle.js</code>; then start the server again.</p>
        </body>
        </html>

        """
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
