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
        if let scheme = scheme(of: path) {
            throw SettingError(
                "must be a path, not a URL: write it without \(scheme): (or begin it with ./ if that is a file's name)")
        }
        guard !path.contains("://") else {
            throw SettingError("must be a path, not a URL: write it without what stands before the path")
        }
        if let variable = variable(in: path) {
            throw SettingError("has \(variable), which only a shell replaces: write its value")
        }
        // PATH_MAX counts the final NUL (limits.h).
        guard path.utf8.count < Int(PATH_MAX), path.split(separator: "/").allSatisfy({ $0.utf8.count <= 255 }) else {
            throw SettingError("is too long: a path has at most 4095 bytes, a name in it 255")
        }
    }

    /// What a URL begins with (RFC 3986, section 3.1), of at least two characters.
    private static func scheme(of path: String) -> Substring? {
        let scheme = path.prefix { $0 != ":" && $0 != "/" }
        guard scheme.utf8.count >= 2, scheme.endIndex < path.endIndex, path[scheme.endIndex] == ":",
            scheme.utf8.first.map(isLetter) == true,
            scheme.utf8.allSatisfy({ isLetter($0) || 0x30...0x39 ~= $0 || "+-.".utf8.contains($0) })
        else { return nil }
        return scheme
    }

    /// The first `$NAME` or `${NAME}`.
    private static func variable(in path: String) -> String? {
        for part in path.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false).dropFirst() {
            let isBraced = part.first == UInt8(ascii: "{")
            let name = part.dropFirst(isBraced ? 1 : 0).prefix {
                isLetter($0) || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "_")
            }
            guard let first = name.first, !(0x30...0x39 ~= first) else { continue }
            return "$\(isBraced ? "{" : "")\(String(name) ?? "")\(isBraced ? "}" : "")"
        }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool { 0x61...0x7A ~= byte | 0x20 }

    /// What is at a path, after symbolic links.
    package enum Kind: Sendable {
        case missing, file, folder, socket, other
    }

    package static func kind(of path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFSOCK: .socket
        default: .other
        }
    }

    /// Whether a path's last name is that of a symbolic link.
    package static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// The folder that a path's last name is in.
    package static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    }

    /// Refuses a path at which this process could make no file, as far as that is known without trying. Folders that are missing
    /// may be made first.
    package static func checkCanBeMade(_ path: String) throws(SettingError) {
        if let obstacle = obstacle(above: path) { throw SettingError("is below \(obstacle), which is no folder") }
        var folder = folder(of: path)
        while kind(of: folder) == .missing, folder.contains("/"), folder != "/" { folder = Self.folder(of: folder) }
        if kind(of: folder) == .missing { folder = "." }
        let place = absolutePath(folder)
        guard !isOfKernel(folder) else {
            throw SettingError(
                "is in \(place), which shows what the kernel knows and keeps no files: write another path")
        }
        var system = statvfs()
        if statvfs(folder, &system) == 0, system.f_flag & UInt(ST_RDONLY) != 0 {
            throw SettingError("is in \(place), which is mounted read-only: write another path")
        }
        guard access(folder, W_OK | X_OK) == 0 else {
            throw SettingError(
                "is in \(place), where this user may make no files: change its owner or mode, or write another path")
        }
    }

    /// Whether a folder is in a file system such as procfs, where no file can be made, whatever its mode says.
    private static func isOfKernel(_ folder: String) -> Bool {
        var status = stat()
        guard stat(folder, &status) == 0, let mounts = try? readTextFile("/proc/self/mountinfo", limit: 1 << 20) else {
            return false
        }
        return mounts.split(separator: "\n").contains { line in
            // `36 35 98:0 /root /mount/point options - type source options` (proc_pid_mountinfo(5))
            let fields = line.split(separator: " ")
            guard fields.count > 4, let dash = fields.firstIndex(of: "-"),
                let type = fields[dash...].dropFirst().first, kernelFileSystems.contains(type)
            else { return false }
            var mount = stat()
            return stat(String(fields[4]), &mount) == 0 && mount.st_dev == status.st_dev
        }
    }

    private static let kernelFileSystems: Set<Substring> = [
        "proc", "sysfs", "debugfs", "tracefs", "securityfs", "configfs", "cgroup", "cgroup2", "devpts", "bpf", "pstore",
    ]

    /// The nearest ancestor of a path that is there and is no folder: nothing can be made below it.
    private static func obstacle(above path: String) -> String? {
        var path = path
        while path.contains("/") {
            path = folder(of: path)
            switch kind(of: path) {
            case .missing: if path == "/" { return nil }
            case .folder: return nil
            case .file, .socket, .other: return path
            }
        }
        return nil
    }
}
