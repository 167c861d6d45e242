// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A target under `Plugins/`: what the kernel loads by name, and the models that such a plugin serves.
func loadable(_ name: String, at folder: String? = nil, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Plugins/\(folder ?? name)",
        exclude: folder == nil ? ["README.md"] : [], swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let inMemoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")

let libraries = [
    "MartletModel", "MartletKernel", "MartletServer", "MartletClient", "MartletTesting", "MartletSQL",
    "HTTPTransport", "SQLiteStorage", "PostgresStorage", "DeclaredResources", "UsersModel", "UsersResource",
]

let package = Package(
    name: "martlet",
    products: [.executable(name: "martlet", targets: ["martlet"])]
        + libraries.map { .library(name: $0, targets: [$0]) },
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CPostgres", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        target("MartletModel"),
        target("MartletKernel", ["MartletModel", deque, logging, lifecycle, yams]),
        target("MartletServer", ["MartletKernel", "MartletModel", logging, lifecycle, unixSignals, arguments]),
        target("MartletClient", ["MartletModel", "CCurl"]),
        target("MartletTesting", ["MartletKernel", "MartletModel"]),
        target("MartletSQL", ["MartletKernel", "MartletModel"]),

        loadable("HTTPTransport", ["MartletKernel", "MartletModel", nioCore, nioPosix, lifecycle, logging]),
        loadable("SQLiteStorage", ["MartletKernel", "MartletModel", "MartletSQL", "CSQLite", deque, logging]),
        loadable("PostgresStorage", ["MartletKernel", "MartletModel", "MartletSQL", "CPostgres", deque, logging]),
        loadable("DeclaredResources", ["MartletKernel", "MartletModel"]),
        loadable("UsersModel", at: "Users/Model", ["MartletModel"]),
        loadable("UsersResource", at: "Users/Plugin", ["MartletKernel", "UsersModel"]),

        .executableTarget(
            name: "martlet",
            dependencies: [
                "MartletServer", "HTTPTransport", "SQLiteStorage", "PostgresStorage", "UsersResource",
                "DeclaredResources",
            ],
            swiftSettings: strict),

        tests("MartletModelTests", ["MartletModel", "UsersModel"]),
        tests(
            "MartletKernelTests",
            ["MartletKernel", "MartletModel", "MartletTesting", "UsersModel", logging, lifecycle]),
        tests(
            "MartletServerTests", ["MartletServer", "MartletKernel", "MartletModel", logging, lifecycle, unixSignals]),
        tests("HookTests", ["Backends", "MartletKernel", "MartletModel", "MartletTesting", "UsersModel"]),
        tests("MartletTestingTests", ["MartletTesting", "MartletKernel", "MartletModel"]),
        tests("MartletSQLTests", ["MartletSQL", "MartletKernel", "MartletModel", "MartletTesting"]),
        tests(
            "HTTPTransportTests",
            [
                "HTTPTransport", "MartletKernel", "MartletModel", "MartletTesting", "UsersModel", nioCore, nioEmbedded,
                nioPosix, nioHTTP1, logging, inMemoryLogging,
            ]),
        .target(
            name: "Backends", dependencies: ["MartletTesting", "SQLiteStorage", "PostgresStorage", logging],
            path: "Tests/Backends", swiftSettings: strict),
        .target(
            name: "UserScenarios", dependencies: ["MartletModel", "UsersModel"], path: "Tests/UserScenarios",
            swiftSettings: strict),
        tests(
            "StorageContractTests",
            ["Backends", "MartletTesting", "MartletKernel", "MartletModel", "UserScenarios", "UsersModel"]),
        tests(
            "EndToEndTests",
            ["martlet", "MartletTesting", "MartletClient", "MartletModel", "UserScenarios", "UsersModel", "CSQLite"]),
        .target(name: "FaultyVFS", dependencies: ["CSQLite"], path: "Tests/FaultyVFS"),
        tests(
            "PostgresStorageTests",
            [
                "PostgresStorage", "MartletKernel", "MartletModel", "MartletSQL", "MartletTesting", "UsersModel",
                logging, inMemoryLogging,
            ]),
        tests(
            "SQLiteStorageTests",
            [
                "SQLiteStorage", "MartletSQL", "MartletKernel", "MartletModel", "MartletTesting", "FaultyVFS", logging,
                inMemoryLogging,
            ]),
        tests(
            "DeclaredResourcesTests",
            [
                "Backends", "DeclaredResources", "MartletServer", "MartletKernel", "MartletModel", "MartletTesting",
                "CSQLite", logging,
            ]),
        tests(
            "TidyTests",
            [
                "MartletKernel", "MartletModel", "HTTPTransport", "SQLiteStorage", "PostgresStorage", "UsersResource",
                "DeclaredResources",
            ]),
        tests("MartletClientTests", ["MartletClient", "MartletModel", "UsersModel"]),
    ])
