import MartletKernel

/// A text, and where it stands.
struct PlacedText {
    let text: String
    let node: YAMLNode
}

/// Reading values: nil where one isn't what it has to be, which is then among the mistakes.
extension Issues {
    /// The values of a mapping, by their keys.
    /// - Parameter what: what the mapping is, with its article.
    mutating func values<Key: RawRepresentable<String> & CaseIterable & Hashable>(
        of node: YAMLNode, _ what: String, by _: Key.Type
    ) -> [Key: YAMLNode]? {
        guard case .mapping(let pairs) = node.content else {
            add(node, "\(what) must be a mapping of keys to values")
            return nil
        }
        var values: [Key: YAMLNode] = [:]
        for (key, value) in pairs {
            guard case .scalar(let name, _) = key.content else {
                add(key, "a key must be a plain name")
                continue
            }
            guard let known = Key(rawValue: name) else {
                add(key, unknown("key of \(what)", name, among: Key.allCases.map(\.rawValue)))
                continue
            }
            values[known] = value
        }
        return values
    }

    mutating func text(_ node: YAMLNode, _ key: String) -> String? {
        guard !node.isNull else {
            add(node, "\(key) has no value: leave the key out")
            return nil
        }
        guard case .scalar(let text, _) = node.content else {
            add(node, "\(key) must be a text")
            return nil
        }
        return text
    }

    /// YAML 1.2's: `no` and `on` are texts.
    mutating func boolean(_ node: YAMLNode, _ key: String) -> Bool? {
        guard case .scalar(let text, isPlain: true) = node.content, let value = Bool(yaml: text) else {
            add(node, node.isNull ? "\(key) has no value: leave the key out" : "\(key) must be true or false")
            return nil
        }
        return value
    }

    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ node: YAMLNode, _ key: String
    ) -> Choice? {
        guard let text = text(node, key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        add(node, unknown(key, text, among: Choice.allCases.map(\.rawValue)))
        return nil
    }

    /// A sequence of texts, which may be empty.
    mutating func texts(_ node: YAMLNode, _ key: String) -> [PlacedText]? {
        guard case .sequence(let nodes) = node.content else {
            add(node, node.isNull ? "\(key) has no value: leave the key out" : "\(key) must be a list such as [a, b]")
            return nil
        }
        var texts: [PlacedText] = []
        for element in nodes {
            guard case .scalar(let text, _) = element.content, !element.isNull else {
                add(element, "\(key) must hold texts; one that reads null needs quotes")
                continue
            }
            texts.append(PlacedText(text: text, node: element))
        }
        return texts.count == nodes.count ? texts : nil
    }
}

extension Bool {
    /// The core schema's spellings (YAML 1.2.2, section 10.3.2).
    init?(yaml text: String) {
        switch text {
        case "true", "True", "TRUE": self = true
        case "false", "False", "FALSE": self = false
        default: return nil
        }
    }
}
