import Glibc

/// A folder that declares resources.
struct ResourceFolder {
    /// As the configuration has it, for messages.
    let path: String

    /// A file's path.
    func file(_ name: String) -> String {
        path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }

    /// The names of what lies in it and might declare something, sorted by their bytes. What editors and version
    /// control keep beside files begins with a dot, and isn't looked at.
    func names() throws(FolderError) -> [String] {
        guard let folder = opendir(path) else { throw FolderError(code: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(folder) {
            let name = Self.name(of: entry)
            if !name.hasPrefix("."), name.hasSuffix(".yaml") || name.hasSuffix(".yml") { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FolderError(code: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// An entry is only as long as its name: to copy it whole would read beyond it (readdir(3), "Notes").
    private static func name(of entry: UnsafePointer<dirent>) -> String {
        let start = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        return String(cString: UnsafeRawPointer(entry).advanced(by: start).assumingMemoryBound(to: CChar.self))
    }
}

/// Why a folder can't be looked into.
struct FolderError: Error, CustomStringConvertible {
    let code: CInt

    var isMissing: Bool { code == ENOENT }

    /// Completes "a folder that …".
    var description: String { "can't be read (\(String(cString: strerror(code))))" }
}
