import Glibc
import MartletKernel

/// A folder that declares resources.
struct ResourceFolder {
    /// As the configuration has it, for messages.
    let path: String

    /// A file's path.
    func file(_ name: String) -> String {
        path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }

    /// What is in it, sorted by the bytes of the names.
    func contents() throws(FolderError) -> Contents {
        var contents = Contents()
        for name in try Self.names(in: path) where !Self.isHidden(name) && !Self.isLeftover(name) {
            if Self.isPutAside(name) {
                contents.ignored.append(name)
            } else if name.hasSuffix(".yaml") {
                contents.declarations.append(name)
            } else if Self.looksLikeDeclaration(name) {
                contents.misnamed.append(name)
            } else if ConfiguredPath.kind(of: file(name)) == .folder, let first = declaration(inSubfolder: name) {
                contents.subfolders.append((name, first))
            }
        }
        return contents
    }

    struct Contents {
        /// `*.yaml`, whatever they are.
        var declarations: [String] = []
        /// Files that look as if they declared something, and aren't read.
        var misnamed: [String] = []
        /// Files that may have been put aside, or be of another use.
        var ignored: [String] = []
        /// Folders, each with the first of its files that looks so too.
        var subfolders: [(name: String, file: String)] = []
    }

    /// One that can't be read isn't ours to judge: nobody asked for it.
    private func declaration(inSubfolder name: String) -> String? {
        try? Self.names(in: file(name)).first { !Self.isHidden($0) && Self.looksLikeDeclaration($0) }
    }

    /// What version control, editors and Kubernetes' mounts keep beside files.
    private static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") }

    /// What editors leave beside a file while it is changed. To refuse these would stop a server that watches the folder
    /// whenever somebody saves a file.
    private static func isLeftover(_ name: String) -> Bool {
        ["~", ".swp", ".tmp"].contains(where: name.hasSuffix) || (name.hasPrefix("#") && name.hasSuffix("#"))
    }

    /// Copies that people and patch(1) make, and JSON, which may be a schema for an editor.
    private static func isPutAside(_ name: String) -> Bool {
        name.lowercased().hasSuffix(".json")
            || [".bak", ".orig", ".rej"].contains(where: name.hasSuffix) && looksLikeDeclaration(name)
    }

    /// `notes.yaml`, and what was likely meant to be one: `notes.yml`, `notes.YAML`, `notes.yaml.txt`, `notes.yaml `.
    private static func looksLikeDeclaration(_ name: String) -> Bool {
        let parts = name.lowercased().filter { !$0.isWhitespace }.split(separator: ".")
        return parts.dropFirst().contains { $0 == "yaml" || $0 == "yml" }
    }

    /// Sorted by their bytes.
    private static func names(in path: String) throws(FolderError) -> [String] {
        guard let folder = opendir(path) else { throw FolderError(code: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(folder) {
            names.append(name(of: entry))
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
