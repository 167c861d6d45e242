// swift-tools-version: 6.2
import PackageDescription

// A package of its own: the sanitizers and their flags stay out of Martlet's. `scripts/fuzz` builds it with them; without
// them it doesn't link.

func martlet(_ product: String) -> Target.Dependency {
    .product(name: product, package: "martlet")
}

func nio(_ product: String) -> Target.Dependency {
    .product(name: product, package: "swift-nio")
}

/// One thing to fuzz: an executable, whose corpus is the folder of its name in `Corpus`.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name, dependencies: ["FuzzSupport", martlet("MartletModel")] + dependencies, swiftSettings: settings)
}

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "fuzzing",
    dependencies: [
        .package(name: "martlet", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibFuzzer"),
        .target(
            name: "FuzzSupport", dependencies: ["CLibFuzzer", martlet("MartletModel")], swiftSettings: settings),
        fuzzer("FuzzJSON"),
        fuzzer(
            "FuzzSchema",
            [
                martlet("DeclaredResources"), martlet("HTTPTransport"), martlet("MartletKernel"),
                martlet("MartletServer"),
            ]),
        fuzzer(
            "FuzzHTTP",
            [
                martlet("HTTPTransport"), martlet("MartletKernel"), martlet("MartletTesting"), nio("NIOCore"),
                nio("NIOEmbedded"), nio("NIOHTTP1"), .product(name: "Logging", package: "swift-log"),
            ]),
    ])
