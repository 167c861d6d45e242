import DeclaredResources
import HTTPTransport
import MartletKernel
import PostgresStorage
import SQLiteStorage
import Testing
import UsersResource

/// Every plugin describes itself.
@Suite struct PluginTests {
    static let plugins: [any Plugin.Type] = [
        HTTPTransport.self, SQLiteStorage.self, PostgresStorage.self, UsersResource.self,
        DeclaredResources.self,
    ]

    @Test func `these are all plugins, and the executable has each in its list`() throws {
        let folders = Set(try SourceTree.swiftFiles(in: "Plugins").map(\.target)).filter { !$0.hasSuffix("Model") }
        #expect(Set(Self.plugins.map(module)) == folders)
        let main = try SourceTree.text(of: "Sources/martlet/main.swift")
        for plugin in Self.plugins {
            #expect(main.contains("\(plugin).self"), "\(plugin)")
        }
    }

    @Test func `every plugin's folder has a README`() throws {
        for folder in try SourceTree.folders(in: "Plugins") {
            let text = try? SourceTree.text(of: "Plugins/\(folder)/README.md")
            #expect(text?.hasPrefix("# ") == true, "Plugins/\(folder)")
        }
    }

    @Test(arguments: ["config/martlet.yaml", "config/postgres.yaml"])
    func `the configuration files that come along have the kernel's defaults`(path: String) throws {
        let lines = try SourceTree.text(of: path).split(separator: "\n")
        for setting in KernelSettings.sections.values.joined() {
            let written = try #require(lines.first { $0.hasPrefix("  \(setting.name): ") }, "\(setting.name)")
            #expect(written == "  \(setting.name): \(setting.defaultText ?? "")")
        }
    }

    @Test func `every setting is in its plugin's README, with its default`() throws {
        for plugin in Self.plugins {
            let lines = try SourceTree.text(of: "Plugins/\(folder(of: plugin))/README.md").split(separator: "\n")
            for setting in plugin.settings {
                let rows = lines.filter { $0.contains("`\(setting.name)`") }
                #expect(!rows.isEmpty, "\(plugin.id).\(setting.name)")
                guard let text = setting.defaultText, !text.isEmpty, !rows.isEmpty else { continue }
                #expect(
                    rows.contains { $0.contains("`\(text)`") }, "\(plugin.id).\(setting.name) is \(text) by default")
            }
        }
    }

    private func module(_ plugin: any Plugin.Type) -> String {
        String(String(reflecting: plugin).prefix { $0 != "." })
    }

    private func folder(of plugin: any Plugin.Type) -> String {
        let name = module(plugin)
        return name.hasSuffix("Resource") ? String(name.dropLast("Resource".count)) : name
    }
}
