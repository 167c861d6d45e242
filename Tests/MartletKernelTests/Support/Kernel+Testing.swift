import Foundation
import Logging
import MartletKernel

let fakePlugins: [any Plugin.Type] = [FakeTransportPlugin.self, FakeStoragePlugin.self, NotesPlugin.self]

extension Kernel {
    /// A kernel of these plugins, all in use, that logs nothing. Its grace is long: where nothing is to be cut off, a busy
    /// machine must not do so.
    convenience init(
        _ plugins: [any Plugin.Type], set: [String] = [], journal: Journal = Journal(), script: Script = Script(),
        overrides: Overrides = Overrides()
    ) throws {
        try self.init(
            Configuration(PluginCatalog(plugins), from: ConfigurationSources(set: Self.patient(set))),
            overrides: overrides.providing(.journal, journal).providing(.script, script),
            logger: { Logger(label: $0) { _ in SwiftLogNoOpLogHandler() } })
    }

    private static func patient(_ set: [String]) -> [String] {
        set.contains { $0.hasPrefix("shutdown.grace=") } ? set : set + ["shutdown.grace=1h"]
    }
}

/// Runs with a folder of its own, which is gone afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
