import Foundation
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import DeclaredResources

/// Another plugin, with a resource in Swift.
private struct Authors: Plugin {
    static let id: PluginID = "resources.authors"
    static let summary = "Authors."
    static var contributes: [any CapabilityDescription] { [Capability.resources] }

    init(from context: inout PluginContext) throws {
        try context.contribute(.resources, ResourceSchema("authors", [FieldSchema("id", .uuid, [.key(.generated)])]))
    }
}

/// The plugin among others, as a server loads it.
@Suite struct PluginTests {
    private let folder: TemporaryFolder
    private let notes = "fields:\n  id: { type: integer, key: generated }\n  author: { references: authors }\n"

    init() throws {
        folder = try TemporaryFolder()
    }

    /// - Parameter use: names in `resources.use`.
    private func kernel(_ file: String? = nil, use: String = "declared,authors", path: String? = nil) throws -> Kernel {
        let settings = ["resources.use=\(use)"] + (path.map { ["resources.declared.path=\($0)"] } ?? [])
        let configuration = try Configuration(
            PluginCatalog([DeclaredResources.self, Authors.self]),
            from: ConfigurationSources(file: file, set: settings))
        return try Kernel(configuration, overrides: Overrides().providing(.storage, MemoryStorage()))
    }

    private func names(_ kernel: Kernel) -> [String] {
        kernel.values(of: .resources).map(\.name)
    }

    @Test func `the folder is beside the configuration file, unless said otherwise`() throws {
        let file = try folder.write("{}", to: "martlet.yaml")
        try folder.write(notes, to: "resources/notes.yaml")
        try folder.write(notes, to: "more/others.yaml")
        let beside = try kernel(file)
        #expect(names(beside) == ["authors", "notes"])
        #expect(beside.values(of: .watchedPaths) == [folder.file("resources")])
        let elsewhere = try kernel(file, path: folder.file("more"))
        #expect(names(elsewhere) == ["authors", "others"])
        #expect(elsewhere.values(of: .watchedPaths) == [folder.file("more")])
    }

    @Test func `a file refers to another plugin's resource by the type of its key`() throws {
        try folder.write(notes, to: "resources/notes.yaml")
        let resources = try kernel(try folder.write("", to: "martlet.yaml")).values(of: .resources)
        #expect(resources.last?.fields.last?.type == .uuid)
    }

    @Test func `a folder that nobody named may be missing, and is watched all the same`() throws {
        let kernel = try kernel(try folder.write("", to: "martlet.yaml"))
        #expect(names(kernel) == ["authors"])
        #expect(kernel.values(of: .watchedPaths) == [folder.file("resources")])
        try folder.write("", to: "resources/.keep")
        #expect(names(try self.kernel(folder.file("martlet.yaml"))) == ["authors"])
    }

    @Test func `a named folder has to be there`() throws {
        let missing = folder.file("none")
        #expect {
            try kernel(path: missing)
        } throws: { error in
            "\(error)" == "--set: resources.declared.path names a folder that can't be read "
                + "(No such file or directory): \(missing)"
        }
        let file = try folder.write("", to: "file")
        #expect { try kernel(path: file) } throws: { "\($0)".contains("Not a directory") }
    }

    @Test func `every mistake is a line that begins with its place`() throws {
        try folder.write(notes + "tabel: x\n", to: "resources/a.yaml")
        try folder.write("name: authors\n" + notes, to: "resources/b.yaml")
        let file = try folder.write("", to: "martlet.yaml")
        #expect {
            try kernel(file)
        } throws: { error in
            let path = folder.file("resources")
            return (error as? KernelError)?.kind == .configuration
                && "\(error)" == """
                    \(path)/a.yaml:4:1: unknown key of a resource "tabel": did you mean table?
                    \(path)/b.yaml:1:7: the name authors is taken: another plugin serves it; take that out of \
                    resources.use, or name this one otherwise
                    """
        }
    }

    @Test func `the examples are resources, each on its own table`() throws {
        let examples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("config/examples").path
        let resources = try kernel(use: "declared", path: examples).values(of: .resources)
        #expect(resources.map(\.name) == ["authors", "books", "loans", "notes"])
        let rules = resources.flatMap { $0.fields.compactMap(\.reference?.onDelete) }
        #expect(Set(rules) == Set(DeleteRule.allCases))
        #expect(resources[1].compounds.contains { $0.isUnique })
    }
}
