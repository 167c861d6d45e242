// swift-tools-version: 6.2
import PackageDescription

func martlet(_ product: String) -> Target.Dependency {
    .product(name: product, package: "martlet")
}

let package = Package(
    name: "bookshop",
    dependencies: [.package(name: "martlet", path: "../..")],
    targets: [
        // What server and client share: it needs no more than Martlet's model.
        .target(name: "BookshopModel", dependencies: [martlet("MartletModel")]),
        .target(
            name: "BookshopPlugins", dependencies: ["BookshopModel", martlet("MartletKernel"), martlet("MartletModel")]),
        .executableTarget(
            name: "bookshop", dependencies: ["BookshopPlugins", martlet("HTTPTransport"), martlet("MartletServer")]),
        .testTarget(
            name: "BookshopTests",
            dependencies: [
                "bookshop", "BookshopModel", "BookshopPlugins", martlet("MartletClient"), martlet("MartletTesting"),
            ]),
    ])
