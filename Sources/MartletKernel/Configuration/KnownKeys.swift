/// Every key that a configuration can have, with the plugins of a catalog.
struct KnownKeys {
    enum Kind {
        /// `storage.use`: the plugins of a section.
        case use(section: String)
        case setting(any SettingDescription, of: PluginID?)
    }

    /// By path: `storage.sqlite.path`.
    private(set) var kinds: [String: Kind] = [:]
    /// The names under each path that is no key itself: `storage` has `use` and `sqlite`; the root is "".
    private(set) var names: [String: Set<String>] = ["": []]

    init(_ catalog: PluginCatalog) {
        for (section, settings) in KernelSettings.sections {
            addBranch(section, under: "")
            for setting in settings {
                add(setting.name, under: section, .setting(setting, of: nil))
            }
        }
        for section in catalog.sections {
            addBranch(section, under: "")
            add("use", under: section, .use(section: section))
        }
        for plugin in catalog.plugins {
            addBranch(plugin.id.name, under: plugin.id.section)
            for setting in plugin.settings {
                add(setting.name, under: plugin.id.description, .setting(setting, of: plugin.id))
            }
        }
    }

    private mutating func addBranch(_ name: String, under path: String) {
        names[path, default: []].insert(name)
        names[Self.path(path, name), default: []] = []
    }

    private mutating func add(_ name: String, under path: String, _ kind: Kind) {
        names[path, default: []].insert(name)
        kinds[Self.path(path, name)] = kind
    }

    static func path(_ path: String, _ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    /// `storage.sqlite.busyTimeout` is `MARTLET_STORAGE_SQLITE_BUSY_TIMEOUT`.
    static func environmentName(of path: String) -> String {
        var name = environmentPrefix
        for character in path {
            switch character {
            case ".": name += "_"
            case _ where character.isUppercase: name += "_\(character)"
            default: name += character.uppercased()
            }
        }
        return name
    }

    static let environmentPrefix = "MARTLET_"

    /// What to say of a whole path that is no key.
    func unknown(_ path: String) -> String {
        guard names[path] == nil else { return "\(path) holds settings, and has no value itself" }
        let nearest = nearestName(to: path, among: kinds.keys.sorted())
        return "unknown key \(quoted(path))\(nearest.map { ": did you mean \($0)?" } ?? "")"
    }

    /// What to say of a name that isn't known where it stands.
    func unknown(_ name: String, under path: String) -> String {
        let known = names[path] ?? []
        let full = Self.path(path, name)
        if let nearest = nearestName(to: name, among: known.sorted()) {
            return "unknown key \(quoted(full)): did you mean \(Self.path(path, nearest))?"
        }
        guard !known.isEmpty else { return "unknown key \(quoted(full)): \(path) has no settings" }
        let place = path.isEmpty ? "the top" : path
        return "unknown key \(quoted(full)): known under \(place): \(known.sorted().joined(separator: ", "))"
    }
}
