import Foundation
import MartletKernel
import Testing

/// What lies beside the sources.
@Suite struct RepositoryTests {
    @Test func `every configuration file loads`() throws {
        let catalog = try PluginCatalog(PluginTests.plugins)
        let files = try SourceTree.files(in: "config").filter { $0.hasSuffix(".yaml") }
        #expect(files.contains("config/martlet.yaml"))
        for file in files {
            let path = SourceTree.root.appendingPathComponent(file).path
            #expect(throws: Never.self, "\(file)") {
                try Configuration(catalog, from: ConfigurationSources(file: path))
            }
        }
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
