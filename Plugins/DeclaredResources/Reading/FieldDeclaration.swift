import MartletKernel
import MartletModel

/// What a file says of one field, before the resources that it may refer to are known.
struct FieldDeclaration {
    let name: PlacedText
    /// What is said, by key: where its mistakes are placed.
    private(set) var nodes: [FieldKey: YAMLNode] = [:]
    /// What was said and couldn't be understood: more mistakes in it would be no news.
    private(set) var broken: Set<FieldKey> = []
    private(set) var isNullable = false
    private(set) var key: KeyKind?
    /// As it is said, or as what else is said of the field has it.
    private(set) var type: ValueType?
    private(set) var reference: Reference?
    private(set) var range: Bounds?
    /// Those that mean the same for every type.
    private(set) var constraints: [(key: FieldKey, constraint: Constraint)] = []

    /// - Parameter node: a mapping, or a type alone.
    init(_ name: PlacedText, _ node: YAMLNode, _ issues: inout Issues) {
        self.name = name
        if node.isNull {
            issues.add(node, "\(name.text) needs a type")
            broken = Set(FieldKey.allCases)
        } else if case .scalar = node.content {
            nodes = [.type: node]
        } else if let values = issues.values(of: node, "a field", by: FieldKey.self) {
            nodes = values
        } else {
            broken = Set(FieldKey.allCases)
        }
        readType(&issues)
        readReference(&issues)
        for key in FieldKey.allCases {
            guard let node = nodes[key] else { continue }
            read(key, node, &issues)
        }
    }

    /// Where a mistake in what a key says is placed; the whole field's where it isn't said.
    func place(of key: FieldKey?) -> YAMLNode {
        key.flatMap { nodes[$0] } ?? nodes[.type] ?? name.node
    }

    private mutating func readType(_ issues: inout Issues) {
        if let node = nodes[.type] {
            type = understood(issues.choice(node, "type"), .type)
        } else if nodes[.values] != nil {
            type = .enumeration
        } else if nodes[.managed] != nil {
            type = .timestamp
        }
    }

    private mutating func readReference(_ issues: inout Issues) {
        var rule: DeleteRule?
        if let node = nodes[.onDelete] {
            rule = understood(issues.choice(node, "onDelete"), .onDelete)
            if nodes[.references] == nil { issues.add(node, "onDelete is for a field that references a resource") }
        }
        guard let node = nodes[.references], let target = understood(issues.text(node, "references"), .references)
        else { return }
        reference = Reference(target, onDelete: rule ?? .restrict)
        constraints.append((.references, .references(target, onDelete: rule ?? .restrict)))
    }

    private mutating func read(_ key: FieldKey, _ node: YAMLNode, _ issues: inout Issues) {
        switch key {
        // Read before, or once the type is known.
        case .type, .references, .onDelete, .default: break
        case .nullable: isNullable = understood(issues.boolean(node, "nullable"), key) ?? false
        case .key:
            self.key = understood(issues.choice(node, "key"), key)
            take(key, self.key.map { .key($0) })
        case .managed:
            let field: ManagedField? = understood(issues.choice(node, "managed"), key)
            take(key, field.map { .managed($0) })
        case .values: take(key, understood(issues.texts(node, "values"), key).map { .values($0.map(\.text)) })
        case .length: take(key, understood(issues.length(node), key).map { .length($0) })
        case .range: range = understood(issues.bounds(node), key)
        case .pattern: take(key, understood(issues.text(node, "pattern"), key).map { .pattern($0) })
        case .format:
            let format: Format? = understood(issues.choice(node, "format"), key)
            take(key, format.map { .format($0) })
        case .unique: take(key, understood(issues.uniqueness(node), key)?.constraint)
        case .indexed: takeFlag(key, .indexed, node, &issues)
        case .readOnly: takeFlag(key, .readOnly, node, &issues)
        case .writeOnly: takeFlag(key, .writeOnly, node, &issues)
        case .column: take(key, understood(issues.text(node, "column"), key).map { .column($0) })
        case .renamedFrom: take(key, understood(issues.text(node, "renamedFrom"), key).map { .renamedFrom($0) })
        }
    }

    private mutating func take(_ key: FieldKey, _ constraint: Constraint?) {
        if let constraint { constraints.append((key, constraint)) }
    }

    private mutating func takeFlag(_ key: FieldKey, _ constraint: Constraint, _ node: YAMLNode, _ issues: inout Issues)
    {
        take(key, understood(issues.boolean(node, key.rawValue), key) == true ? constraint : nil)
    }

    private mutating func understood<Value>(_ value: Value?, _ key: FieldKey) -> Value? {
        if value == nil { broken.insert(key) }
        return value
    }
}
