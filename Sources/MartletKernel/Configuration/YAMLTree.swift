import Yams

/// A YAML file, read strictly: what people write by hand and nothing that a hostile one could hide in it.
///
/// Yams composes the tree and its places; its typed resolver is never asked, so every scalar stays text. Of YAML,
/// mappings, sequences and scalars are taken: anchors, aliases, merge keys and tags are refused, as such files have no
/// use for them and hostile ones grow without bounds.
package struct YAMLTree: Sendable {
    /// Nil when the file holds nothing, or only comments.
    package let root: YAMLNode?

    /// In bytes. Some of libyaml's work grows with the square of a file's length.
    package static let sizeLimit = 256 << 10

    private static let noAnchors = "anchors and aliases (& and *) are not supported"

    /// Reads a whole file.
    /// - Parameter file: its path, as the places of all nodes and issues name it.
    /// - Throws: why there is no tree: the file can't be read or is too large, it is no YAML, or a mapping has a key
    ///   twice. What is refused in a tree is a node of it.
    package init(_ file: String) throws(ConfigurationIssue) {
        let text: String
        do throws(FileError) {
            text = try readTextFile(file, limit: Self.sizeLimit)
        } catch {
            throw ConfigurationIssue(.wholeFile(file), error.description)
        }
        guard Self.mayHoldFewAliases(text) else { throw ConfigurationIssue(.wholeFile(file), Self.noAnchors) }
        do {
            // Nodes refer to their anchors weakly: the parser holds them, so it has to outlive the walk.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            let node = try parser.singleRoot()
            root = withExtendedLifetime(parser) { node.map { Self.node($0, file) } }
        } catch {
            throw YAMLProblem(error, in: text).issue(file)
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

    /// An alias is the node that it names, with that one's anchor: what is refused for it isn't walked again.
    private static func node(_ node: Node, _ file: String, isKey: Bool = false) -> YAMLNode {
        YAMLNode(
            refusal(of: node, isKey: isKey).map { .refused($0) } ?? content(of: node, file),
            .file(file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1))
    }

    private static func content(of node: Node, _ file: String) -> YAMLNode.Content {
        switch node {
        case .scalar(let scalar): .scalar(scalar.string, isPlain: scalar.style == .plain)
        case .sequence(let sequence): .sequence(sequence.map { Self.node($0, file) })
        case .mapping(let mapping):
            .mapping(mapping.map { (key: Self.node($0.key, file, isKey: true), value: Self.node($0.value, file)) })
        case .alias: .refused(noAnchors)
        }
    }

    private static func refusal(of node: Node, isKey: Bool) -> String? {
        guard node.anchor == nil else { return noAnchors }
        if isKey, case .scalar(let key) = node, key.string == "<<", key.style == .plain {
            return "merge keys (<<) are not supported: write the keys out"
        }
        let tag =
            switch node {
            case .scalar(let scalar): scalar.tag
            case .sequence(let sequence): sequence.tag
            case .mapping(let mapping): mapping.tag
            case .alias(let alias): alias.tag
            }
        // Hashing has already filled in the tags of keys, and the parser that of quoted texts, with those that they have
        // by themselves.
        var isQuoted = false
        if case .scalar(let scalar) = node { isQuoted = scalar.style != .plain }
        let own =
            isKey
            ? ["", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"]
            : isQuoted ? ["", "tag:yaml.org,2002:str"] : [""]
        return own.contains(tag.rawValue) ? nil : "tags (!) are not supported: leave them out"
    }
}
