import Testing

/// The arrows of ARCHITECTURE.md: who may import whom.
@Suite struct ImportTests {
    /// What each target of Sources may import of ours. The C modules are below.
    private static let arrows: [String: Set<String>] = [
        "MartletModel": [],
        "MartletKernel": ["MartletModel"],
        "MartletServer": ["MartletKernel", "MartletModel"],
        "MartletClient": ["MartletModel"],
        "MartletTesting": ["MartletKernel", "MartletModel"],
        "MartletSQL": ["MartletKernel", "MartletModel"],
    ]
    /// The one target that each C library is for.
    private static let owners = [
        "CSQLite": "SQLiteStorage", "CPostgres": "PostgresStorage", "CCurl": "MartletClient",
    ]

    @Test func `imports of ours go along the arrows`() throws {
        let files = try SourceTree.swiftFiles(in: "Sources", "Plugins")
        let ours = Set(files.map(\.target))
        for file in files {
            let allowed = allowedImports(of: file, among: ours)
            for module in file.imports where ours.contains(module) {
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `every C module is imported by its one target`() throws {
        let modules = try SourceTree.folders(in: "Sources").filter { $0.wholeMatch(of: /C[A-Z]\w*/) != nil }
        #expect(Set(modules) == Set(Self.owners.keys))
        for file in try SourceTree.swiftFiles(in: "Sources", "Plugins") {
            for module in file.imports {
                guard let owner = Self.owners[module] else { continue }
                #expect(file.target == owner, "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `NIO is the HTTP transport's alone, and full Foundation the harness's and the tests'`() throws {
        for file in try SourceTree.swiftFiles(in: "Sources", "Plugins") {
            for module in file.imports {
                #expect(!module.hasPrefix("NIO") || file.target == "HTTPTransport", "\(file.path) imports \(module)")
                #expect(module != "Foundation" || file.target == "MartletTesting", "\(file.path) imports Foundation")
            }
        }
    }

    @Test func `end-to-end tests know the client and the spawned server only`() throws {
        // CSQLite looks at the file that a killed server left.
        let ours: Set = ["MartletModel", "MartletClient", "MartletTesting", "UsersModel", "UserScenarios", "CSQLite"]
        let others: Set = ["Foundation", "Glibc", "Synchronization", "Testing"]
        for file in try SourceTree.swiftFiles(in: "Tests/EndToEndTests", "Tests/UserScenarios") {
            #expect(Set(file.imports).isSubset(of: ours.union(others)), "\(file.path)")
        }
    }

    /// A plugin imports no plugin, only what all plugins are made of, and models; a storage also what compiles queries. The executable imports every plugin.
    private func allowedImports(of file: SourceFile, among ours: Set<String>) -> Set<String> {
        if let arrows = Self.arrows[file.target] { return arrows }
        let models = ours.filter { $0.hasSuffix("Model") }
        if file.path.hasPrefix("Plugins/") {
            if models.contains(file.target) { return ["MartletModel"] }
            return models.union(["MartletKernel"] + (file.target.hasSuffix("Storage") ? ["MartletSQL"] : []))
        }
        return file.target == "martlet" ? ours.subtracting(Self.arrows.keys).union(["MartletServer"]) : []
    }
}
