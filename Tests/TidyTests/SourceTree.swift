import Foundation

/// The files of this package, as they are on the disk.
struct SourceTree: Sendable {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The Swift files of the package, in the order of their paths. Read once.
    private static let swiftFiles = Result {
        try ["Examples", "Plugins", "Sources", "Tests"].flatMap { try files(in: $0) }
            .filter { $0.hasSuffix(".swift") }
            .map { SourceFile(path: $0, text: try text(of: $0)) }
    }

    /// The Swift files below some folders; all of them unless given.
    static func swiftFiles(in folders: String...) throws -> [SourceFile] {
        try swiftFiles.get().filter { file in folders.isEmpty || folders.contains { file.path.hasPrefix("\($0)/") } }
    }

    /// The paths of all files below a folder, relative to the root. None if there is no such folder.
    static func files(in folder: String) throws -> [String] {
        let url = root.appendingPathComponent(folder)
        guard let names = FileManager.default.subpaths(atPath: url.path) else { return [] }
        return names.filter { !$0.contains(".build") }.map { "\(folder)/\($0)" }.filter { !isFolder($0) }.sorted()
    }

    /// The names of the folders in a folder.
    static func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { isFolder("\(folder)/\($0)") }.sorted()
    }

    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
