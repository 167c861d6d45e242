import MartletKernel
import MartletModel

/// What a file says of its resource, before the others are known.
struct ResourceDeclaration {
    let file: String
    let name: String
    /// What is said, by key: where its mistakes are placed.
    private(set) var nodes: [ResourceKey: YAMLNode] = [:]
    private(set) var fields: [FieldDeclaration] = []
    private(set) var table: String?
    private(set) var unique: [FieldSet] = []
    private(set) var indexes: [FieldSet] = []
    private(set) var requiresPreconditions = false
    /// Whether what is said was understood.
    private(set) var isWhole = false

    /// Names of fields that belong together.
    struct FieldSet {
        let names: [PlacedText]
        let node: YAMLNode
    }

    /// - Parameter name: the resource's, unless the file says otherwise.
    init(_ file: String, name: String, _ issues: inout Issues) {
        self.file = file
        let before = issues.list.count
        let root: YAMLNode?
        do throws(ConfigurationIssue) {
            root = try YAMLTree(file).root
        } catch {
            issues.add(error)
            self.name = name
            return
        }
        guard let root, !root.isNull else {
            issues.add(ConfigurationIssue(.wholeFile(file), "declares nothing: it needs fields"))
            self.name = name
            return
        }
        nodes = issues.values(of: root, "a resource", by: ResourceKey.self) ?? [:]
        self.name = nodes[.name].flatMap { issues.text($0, "name") } ?? name
        if nodes[.fields] == nil, case .mapping = root.content {
            issues.add(root, "a resource needs fields")
        }
        read(&issues)
        isWhole = issues.list.count == before
    }

    /// Where a mistake in what a key says is placed.
    func issue(_ key: ResourceKey, _ message: String) -> ConfigurationIssue {
        nodes[key]?.issue(message) ?? ConfigurationIssue(.wholeFile(file), message)
    }

    /// The type of its key, as far as it can be told.
    var keyType: ValueType? {
        fields.first { $0.key != nil }?.type
    }

    private mutating func read(_ issues: inout Issues) {
        if let node = nodes[.fields] { fields = Self.fields(node, &issues) }
        table = nodes[.table].flatMap { issues.text($0, "table") }
        unique = nodes[.unique].map { Self.sets($0, "unique", &issues) } ?? []
        indexes = nodes[.indexes].map { Self.sets($0, "indexes", &issues) } ?? []
        let preconditions: Preconditions? = nodes[.preconditions].flatMap { issues.choice($0, "preconditions") }
        requiresPreconditions = preconditions == .required
    }

    private static func fields(_ node: YAMLNode, _ issues: inout Issues) -> [FieldDeclaration] {
        guard case .mapping(let pairs) = node.content else {
            issues.add(node, "fields must be a mapping of names to types or mappings")
            return []
        }
        var fields: [FieldDeclaration] = []
        for (key, value) in pairs {
            guard case .scalar(let name, _) = key.content else {
                issues.add(key, "a field's name must be a plain name")
                continue
            }
            fields.append(FieldDeclaration(PlacedText(text: name, node: key), value, &issues))
        }
        return fields
    }

    private static func sets(_ node: YAMLNode, _ key: String, _ issues: inout Issues) -> [FieldSet] {
        guard case .sequence(let nodes) = node.content else {
            issues.add(node, "\(key) must be a list of lists such as [[a, b]]")
            return []
        }
        return nodes.compactMap { node in
            guard case .sequence = node.content else {
                issues.add(node, "\(key) must be a list of lists such as [[a, b]]")
                return nil
            }
            return issues.texts(node, key).map { FieldSet(names: $0, node: node) }
        }
    }
}
