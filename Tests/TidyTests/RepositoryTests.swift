import Foundation
import MartletKernel
import MartletModel
import Testing

/// What lies beside the sources.
@Suite struct RepositoryTests {
    @Test func `every configuration file loads`() throws {
        let catalog = try PluginCatalog(PluginTests.plugins)
        let files = try SourceTree.files(in: "config").filter {
            // These declare resources: see below.
            $0.hasSuffix(".yaml") && !$0.hasPrefix("config/examples/") && !$0.hasPrefix("config/resources/")
        }
        #expect(files.contains("config/martlet.yaml"))
        // The address of a database is in no file, as it may hold a password.
        let environment = ["DATABASE_URL": "postgresql:///martlet"]
        for file in files {
            let path = SourceTree.root.appendingPathComponent(file).path
            #expect(throws: Never.self, "\(file)") {
                try Configuration(catalog, from: ConfigurationSources(file: path, environment: environment))
            }
        }
    }

    @Test func `every example of a resource's file loads`() throws {
        let folder = SourceTree.root.appendingPathComponent("config/examples").path
        let configuration = try Configuration(
            PluginCatalog(PluginTests.plugins),
            from: ConfigurationSources(set: ["resources.use=declared", "resources.declared.path=\(folder)"]))
        // Making the plugins reads the files, and opens nothing.
        let resources = try Kernel(configuration).values(of: .resources)
        let files = try SourceTree.files(in: "config/examples")
        #expect(resources.map { "config/examples/\($0.name).yaml" } == files)
        #expect(files.contains("config/examples/notes.yaml"))
    }

    @Test func `README or CONTRIBUTING names every script`() throws {
        let guides = try SourceTree.text(of: "README.md") + SourceTree.text(of: "CONTRIBUTING.md")
        let scripts = try SourceTree.files(in: "scripts").filter { path in
            !path.hasPrefix("scripts/lib/")
                && FileManager.default.isExecutableFile(atPath: SourceTree.root.path + "/" + path)
        }
        #expect(scripts.contains("scripts/serve"))
        for script in scripts {
            let isNamed = ["`", " ", "\n"].contains { guides.contains(script + $0) }
            #expect(isNamed, "\(script)")
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: SourceTree.root.appendingPathComponent(".git").path)))
    func `nothing is committed that is made`() throws {
        let made = try committedFiles().filter { path in
            path.contains(".build/")
                || path.contains(/(?:^|\/)(?:Package\.resolved|.*\.(?:db|sqlite|db-wal|db-shm|o|pyc))$/)
        }
        #expect(made.isEmpty)
    }

    private func committedFiles() throws -> [String] {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["git", "-C", SourceTree.root.path, "ls-files"]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let files = text.split(separator: "\n").map(String.init)
        #expect(files.contains("Package.swift"))
        return files
    }
}
