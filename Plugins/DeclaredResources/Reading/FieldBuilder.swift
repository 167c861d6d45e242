import MartletKernel
import MartletModel

/// Makes a field's schema of its declaration, and tells all that keeps it from being one.
struct FieldBuilder {
    private let field: FieldDeclaration
    private let type: ValueType
    private var constraints: [(key: FieldKey, constraint: Constraint)]
    /// Mistakes in these have been told, or would only follow from others.
    private var told: Set<FieldKey>

    init(_ field: FieldDeclaration, _ type: ValueType, _ issues: inout Issues) {
        self.field = field
        self.type = type
        constraints = field.constraints
        told = field.broken
        if let range = field.range?.range(for: type) { constraints.append((.range, .range(range))) }
        if let node = field.nodes[.default] {
            if let value = issues.defaultValue(node, of: type) {
                constraints.append((.default, .default(value)))
            } else {
                told.insert(.default)
            }
        }
    }

    /// A schema tells one mistake: so without what it is about another one is tried, for the next.
    /// - Returns: nil when there was a mistake.
    mutating func schema(_ issues: inout Issues) -> FieldSchema? {
        var isValid = told.isEmpty
        while true {
            do throws(SchemaError) {
                let schema = try FieldSchema(
                    field.name.text, type, isNullable: field.isNullable, constraints.map(\.constraint))
                return isValid ? schema : nil
            } catch {
                isValid = false
                let key = Self.key(of: error)
                tell(error, key, &issues)
                guard let key, let index = constraints.firstIndex(where: { $0.key == key }) else { return nil }
                constraints.remove(at: index)
            }
        }
    }

    private mutating func tell(_ error: SchemaError, _ key: FieldKey?, _ issues: inout Issues) {
        guard let key else { return issues.add(field.name.node, error.description) }
        // Nobody could give the field a value, if it weren't for the default that is there, or means to be.
        let follows = key == .readOnly && (told.contains(.default) || told.contains(.key))
        guard told.insert(key).inserted, !follows else { return }
        issues.add(field.place(of: key), error.description)
    }

    private static func key(of error: SchemaError) -> FieldKey? {
        error.constraint.flatMap(FieldKey.init(rawValue:))
    }
}
