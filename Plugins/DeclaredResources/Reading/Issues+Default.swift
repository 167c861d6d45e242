import MartletKernel
import MartletModel

extension Issues {
    /// What a default says for a field of a type; the field's schema judges whether it may be.
    mutating func defaultValue(_ node: YAMLNode, of type: ValueType) -> JSONValue? {
        guard !node.isNull else {
            add(node, "default has no value: leave the key out; a text that reads null needs quotes")
            return nil
        }
        switch node.content {
        case .scalar(let text, _) where type == .json:
            if let value = try? JSONValue(json: text) { return value }
            add(node, "default must be JSON, such as '[1, 2]' or '\"a text\"'")
            return nil
        case .scalar(let text, let isPlain): return Self.value(text, isPlain: isPlain, type)
        case .mapping, .sequence, .refused:
            if type == .json { return json(node) }
            add(node, "default must be a plain value")
            return nil
        }
    }

    /// A scalar is read by the field's type: `007` and `no` are texts where a text is asked for. What the type doesn't
    /// know stays a text, which its schema refuses in its own words.
    private static func value(_ text: String, isPlain: Bool, _ type: ValueType) -> JSONValue {
        switch type {
        case .integer where isPlain && JSONValue.isNumber(text), .number where isPlain && JSONValue.isNumber(text):
            .number(text)
        case .boolean where isPlain: Bool(yaml: text).map { .bool($0) } ?? .string(text)
        default: .string(text)
        }
    }

    /// A tree of YAML as JSON, by the core schema (YAML 1.2.2, section 10.3).
    private mutating func json(_ node: YAMLNode) -> JSONValue? {
        switch node.content {
        case .scalar(let text, let isPlain):
            return isPlain ? json(plain: text, node) : .string(text)
        case .sequence(let nodes):
            let elements = nodes.compactMap { json($0) }
            return elements.count == nodes.count ? .array(elements) : nil
        case .mapping(let pairs):
            let members = pairs.compactMap { member($0, $1) }
            return members.count == pairs.count ? .object(members) : nil
        case .refused:
            add(node, "default must be JSON")
            return nil
        }
    }

    private mutating func member(_ key: YAMLNode, _ value: YAMLNode) -> JSONValue.Member? {
        guard case .scalar(let name, _) = key.content else {
            add(key, "a key must be a plain name")
            return nil
        }
        return json(value).map { JSONValue.Member(name, $0) }
    }

    private mutating func json(plain text: String, _ node: YAMLNode) -> JSONValue? {
        if node.isNull { return .null }
        if let value = Bool(yaml: text) { return .bool(value) }
        if JSONValue.isNumber(text) { return .number(text) }
        // To YAML these are numbers too, which JSON can't spell, or spells otherwise.
        let decimal = /[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?/
        let other = /0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)/
        guard text.wholeMatch(of: decimal) == nil, text.wholeMatch(of: other) == nil else {
            add(node, "\(quoted(text)) is no number of JSON: a text that looks like one needs quotes")
            return nil
        }
        return .string(text)
    }
}
