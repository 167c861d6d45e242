import Glibc

/// A path that somebody configured: what no shell or library has expanded before Martlet sees it.
package enum ConfiguredPath {
    /// Refuses what can't be meant as a path: an empty text, a URL, a shell's shorthand.
    package static func check(_ path: String) throws(SettingError) {
        guard !path.isEmpty else { throw SettingError("is empty: write a path, or leave the key out for its default") }
        guard !path.utf8.contains(0) else { throw SettingError("must not contain U+0000") }
        guard !path.hasPrefix("~") else {
            throw SettingError("begins with ~, which only a shell expands: write the whole path (or ./~ for this name)")
        }
        guard !path.contains("://"), !path.hasPrefix("file:"), !path.hasPrefix("unix:") else {
            throw SettingError("must be a path, not a URL: write it without what stands before the path")
        }
        // PATH_MAX counts the final NUL (limits.h).
        guard path.utf8.count < Int(PATH_MAX), path.split(separator: "/").allSatisfy({ $0.utf8.count <= 255 }) else {
            throw SettingError("is too long: a path has at most 4095 bytes, a name in it 255")
        }
    }

    /// What is at a path, after symbolic links.
    package enum Kind: Sendable {
        case missing, file, folder, other
    }

    package static func kind(of path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        default: .other
        }
    }

    /// The folder that a path's last name is in.
    package static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }

    /// The nearest ancestor of a path that is there and is no folder: nothing can be made below it.
    package static func obstacle(above path: String) -> String? {
        var path = path
        while path.contains("/") {
            path = folder(of: path)
            switch kind(of: path) {
            case .missing: if path == "/" { return nil }
            case .folder: return nil
            case .file, .other: return path
            }
        }
        return nil
    }
}
