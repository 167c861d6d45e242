/// The YAML file, taken apart along the keys that are known.
struct ConfigurationFile {
    enum Value {
        case text(String)
        /// Each with its own place.
        case list([(text: String, origin: ConfigurationOrigin)])
    }

    private(set) var entries: [(path: String, value: Value, origin: ConfigurationOrigin)] = []
    private(set) var issues: [ConfigurationIssue] = []
    /// Whether the file was understood as YAML, so that what it says can be told.
    private(set) var isReadable = true
    private let keys: KnownKeys

    /// What is wrong with the file, or within, becomes ``issues``.
    init(_ file: String, _ keys: KnownKeys) {
        self.keys = keys
        do throws(ConfigurationIssue) {
            if let root = try YAMLTree(file).root { walk(root, "") }
        } catch {
            issues.append(error)
            isReadable = false
        }
    }

    private mutating func walk(_ node: YAMLNode, _ path: String) {
        if keys.names[path] == nil {
            readValue(node, path)
        } else if case .mapping(let entries) = node.content {
            for (key, value) in entries { walk(key, value, under: path) }
        } else if !node.isNull {
            let name = path.isEmpty ? "the file" : path
            report(node, "\(name) must be a mapping of keys to values")
        }
    }

    private mutating func walk(_ key: YAMLNode, _ value: YAMLNode, under path: String) {
        guard case .scalar(let name, _) = key.content else {
            return report(key, "a key must be a plain name")
        }
        guard keys.names[path]?.contains(name) == true else {
            return report(key, keys.unknown(name, under: path))
        }
        walk(value, KnownKeys.path(path, name))
    }

    private mutating func readValue(_ node: YAMLNode, _ path: String) {
        switch node.content {
        case .scalar(let text, _):
            guard !node.isNull else {
                report(node, "\(path) has no value: leave the key out for its default")
                return
            }
            entries.append((path, .text(text), node.origin))
        case .sequence(let elements):
            var texts: [(String, ConfigurationOrigin)] = []
            for element in elements {
                switch element.content {
                case .scalar(let text, _) where !element.isNull: texts.append((text, element.origin))
                case .refused(let reason): report(element, reason)
                default: return report(element, "\(path) must hold plain texts")
                }
            }
            entries.append((path, .list(texts), node.origin))
        case .mapping, .refused:
            report(node, "\(path) must be a value, not a mapping")
        }
    }

    /// Nobody reads beyond fifty.
    private mutating func report(_ node: YAMLNode, _ message: String) {
        guard issues.count < 50 else { return }
        issues.append(node.issue(message))
    }
}
