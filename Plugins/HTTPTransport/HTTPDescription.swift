import MartletKernel

/// What the transport tells the commands of itself.
struct HTTPDescription: Transport {
    let routes: [RouteListing]
    let openAPI: [UInt8]?
}
