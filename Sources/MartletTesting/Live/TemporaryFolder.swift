import Foundation

/// A folder of a test's own, removed with everything in it when its owner is gone.
public final class TemporaryFolder: Sendable {
    /// Absolute.
    public let path: String

    /// Makes an empty folder that only this user can read.
    /// - Throws: `CocoaError` when the system's folder for temporary files isn't writable.
    public convenience init() throws {
        try self.init(below: FileManager.default.temporaryDirectory.path)
    }

    init(below parent: String) throws {
        path = parent + "/martlet-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in the folder.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Makes an empty folder in this one.
    /// - Returns: its path.
    public func makeFolder() throws -> String {
        let path = file(UUID().uuidString)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        return path
    }

    /// Writes a file, and makes the folders that its path names.
    /// - Returns: its path.
    @discardableResult
    public func write(_ text: String, to name: String) throws -> String {
        let folder = URL(fileURLWithPath: file(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try text.write(toFile: file(name), atomically: false, encoding: .utf8)
        return file(name)
    }
}
