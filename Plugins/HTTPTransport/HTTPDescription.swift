import MartletKernel

/// What the transport tells the commands of itself.
struct HTTPDescription: Transport {
    let router: Router
    let documentation: Documentation

    var routes: [Route] { router.routes }
    var openAPI: [UInt8]? { documentation.openAPI }
}
