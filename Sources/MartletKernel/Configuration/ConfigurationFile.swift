import Yams

/// The YAML file, taken apart along the keys that are known.
///
/// Yams composes the tree and its places; its typed resolver is never asked, so `no`, `1_000` and `2024-01-01` stay
/// text until a setting's type reads them. Of YAML, mappings, sequences and scalars are taken: anchors, aliases,
/// merge keys and tags are refused, as a configuration has no use for them and hostile ones grow without bounds.
struct ConfigurationFile {
    enum Value {
        case text(String)
        /// Each with its own place.
        case list([(text: String, origin: ConfigurationOrigin)])
    }

    private(set) var entries: [(path: String, value: Value, origin: ConfigurationOrigin)] = []
    private(set) var issues: [ConfigurationIssue] = []
    private let file: String
    private let keys: KnownKeys

    /// In bytes. Some of libyaml's work grows with the square of a file's length.
    static let sizeLimit = 256 << 10

    /// - Throws: ``FileError`` when the file can't be read; what is wrong within becomes ``issues``.
    init(_ file: String, _ keys: KnownKeys) throws(FileError) {
        self.file = file
        self.keys = keys
        read(try readTextFile(file, limit: Self.sizeLimit))
    }

    private mutating func read(_ text: String) {
        guard Self.mayHoldFewAliases(text) else {
            issues.append(ConfigurationIssue(.wholeFile(file), "anchors and aliases (& and *) are not supported"))
            return
        }
        do {
            // Nodes refer to their anchors weakly: the parser holds them, so it has to outlive the walk.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            let root = try parser.singleRoot()
            withExtendedLifetime(parser) {
                if let root { walk(root, "") }
            }
        } catch {
            issues.append(YAMLProblem(error, in: text).issue(file))
        }
    }

    /// Yams hashes keys whole before anyone can look at them, and aliases in keys make that exponential. Thirty of
    /// them can't make it long; text that only looks like an alias counts too, as a file rarely has any.
    private static func mayHoldFewAliases(_ text: String) -> Bool {
        var count = 0
        var startsNode = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "*") where startsNode: count += 1
            case UInt8(ascii: " "), UInt8(ascii: "\t"): break
            // Also bytes that end a line in YAML 1.1: NEL, LS and PS end with one of these.
            case 0x85, 0xA8, 0xA9, UInt8(ascii: "\n"), UInt8(ascii: "\r"): startsNode = true
            case _ where ":,-?[{".utf8.contains(byte): startsNode = true
            default: startsNode = false
            }
        }
        return count <= 30
    }

    private mutating func walk(_ node: Node, _ path: String) {
        guard isPlain(node) else { return }
        if keys.names[path] == nil {
            readValue(node, path)
        } else if case .mapping(let mapping) = node {
            for (key, value) in mapping { walk(key, value, under: path) }
        } else if !Self.isEmpty(node) {
            let name = path.isEmpty ? "the file" : path
            report(node, "\(name) must be a mapping of keys to values")
        }
    }

    private mutating func walk(_ key: Node, _ value: Node, under path: String) {
        guard isPlain(key) else { return }
        guard case .scalar(let scalar) = key else {
            return report(key, "a key must be a plain name")
        }
        guard keys.names[path]?.contains(scalar.string) == true else {
            return report(key, keys.unknown(scalar.string, under: path))
        }
        walk(value, KnownKeys.path(path, scalar.string))
    }

    private mutating func readValue(_ node: Node, _ path: String) {
        switch node {
        case .scalar(let scalar):
            guard !Self.isEmpty(node) else {
                report(node, "\(path) has no value: leave the key out for its default")
                return
            }
            entries.append((path, .text(scalar.string), origin(node)))
        case .sequence(let sequence):
            var texts: [(String, ConfigurationOrigin)] = []
            for element in sequence where isPlain(element) {
                guard case .scalar(let scalar) = element, !Self.isEmpty(element) else {
                    return report(element, "\(path) must hold plain texts")
                }
                texts.append((scalar.string, origin(element)))
            }
            entries.append((path, .list(texts), origin(node)))
        case .mapping, .alias:
            report(node, "\(path) must be a value, not a mapping")
        }
    }

    /// Nothing, `~` or `null` without quotes: YAML 1.2's null.
    private static func isEmpty(_ node: Node) -> Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    private mutating func isPlain(_ node: Node) -> Bool {
        guard node.anchor == nil else {
            report(node, "anchors and aliases (& and *) are not supported")
            return false
        }
        let tag =
            switch node {
            case .scalar(let scalar): scalar.tag
            case .sequence(let sequence): sequence.tag
            case .mapping(let mapping): mapping.tag
            case .alias(let alias): alias.tag
            }
        // Hashing has already filled in the tags of keys, with those that they have by themselves.
        guard ["", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"].contains(tag.rawValue)
        else {
            report(node, "tags (!) are not supported")
            return false
        }
        return true
    }

    /// Nobody reads beyond fifty.
    private mutating func report(_ node: Node, _ message: String) {
        guard issues.count < 50 else { return }
        issues.append(ConfigurationIssue(origin(node), message))
    }

    private func origin(_ node: Node) -> ConfigurationOrigin {
        .file(file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }
}
