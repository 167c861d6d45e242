import FoundationEssentials
import Glibc
// `timespec` is this module's or Glibc's, depending on which the compiler happens to load first.
import SwiftOverlayShims

/// What some files look like from outside: enough to see that one has changed, without reading it.
struct FileSnapshot: Sendable, Equatable {
    private struct Stamp: Sendable, Equatable {
        let device: dev_t
        /// Many editors write a new file and give it the old one's name.
        let inode: ino_t
        var size = 0
        var seconds = 0
        var nanoseconds = 0
    }

    /// By watched path, then by file.
    private var stamps: [String: [String: Stamp]] = [:]

    /// - Parameters:
    ///   - paths: files, and folders, of which the `*.yaml` files count. They needn't be there.
    ///   - other: what it knows of any of these paths is taken from it.
    init(of paths: [String], unlessIn other: FileSnapshot? = nil) {
        for path in paths {
            stamps[path] = other?.stamps[path] ?? Self.stamps(at: path)
        }
    }

    /// The files that have come, gone or changed, sorted.
    func changes(since other: FileSnapshot) -> [String] {
        let (old, new) = (other.files, files)
        return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted()
    }

    private var files: [String: Stamp] {
        stamps.values.reduce(into: [:]) { $0.merge($1) { stamp, _ in stamp } }
    }

    private static func stamps(at path: String) -> [String: Stamp] {
        guard let status = status(of: path) else { return [:] }
        guard status.st_mode & S_IFMT == S_IFDIR else { return [path: stamp(status)] }
        // Of the folder itself only which one it is: other files' coming and going would change the rest.
        var stamps = [path: Stamp(device: status.st_dev, inode: status.st_ino)]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] where name.hasSuffix(".yaml") {
            let file = "\(path)/\(name)"
            stamps[file] = Self.status(of: file).map(stamp)
        }
        return stamps
    }

    private static func stamp(_ status: stat) -> Stamp {
        Stamp(
            device: status.st_dev, inode: status.st_ino, size: Int(status.st_size),
            seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec))
    }

    /// Of what a link leads to: Kubernetes changes mounted files by putting another link in the place of one.
    private static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}
