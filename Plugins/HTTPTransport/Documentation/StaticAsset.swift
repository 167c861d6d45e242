/// A document that is the same for everyone: the OpenAPI document, the documentation and what it is made of.
struct StaticAsset: Sendable {
    let body: [UInt8]
    let contentType: String
    let cacheControl: String
    let contentSecurityPolicy: String?

    init(
        body: [UInt8], contentType: String, cacheControl: String = "no-cache", contentSecurityPolicy: String? = nil
    ) {
        self.body = body
        self.contentType = contentType
        self.cacheControl = cacheControl
        self.contentSecurityPolicy = contentSecurityPolicy
    }
}
