import MartletKernel
import MartletModel

/// Makes a resource's schema of its declaration, and tells all that keeps it from being one.
struct ResourceBuilder {
    private let declaration: ResourceDeclaration
    /// The type of each resource's key that a field may refer to; nil where it can't be told.
    private let targets: [String: ValueType?]
    /// Those fields that are right.
    private var fields: [(declaration: FieldDeclaration, schema: FieldSchema)] = []
    private var stand: [FieldSchema] = []

    init(_ declaration: ResourceDeclaration, _ targets: [String: ValueType?]) {
        self.declaration = declaration
        self.targets = targets
    }

    /// - Returns: nil when there was a mistake.
    mutating func schema(_ issues: inout Issues) -> ResourceSchema? {
        let before = issues.list.count
        for field in declaration.fields {
            if let schema = schema(of: field, &issues) { fields.append((field, schema)) }
        }
        checkKeys(&issues)
        checkColumns(&issues)
        stand = Self.stand(of: fields.map(\.schema))
        checkTable(&issues)
        let unique = checked(declaration.unique, .unique, &issues)
        let indexes = checked(declaration.indexes, .indexes, &issues)
        guard declaration.isWhole, issues.list.count == before else { return nil }
        do throws(SchemaError) {
            return try ResourceSchema(
                declaration.name, fields.map(\.schema), table: declaration.table, unique: unique, indexes: indexes,
                requiresPreconditions: declaration.requiresPreconditions)
        } catch {
            let key = error.constraint.flatMap(ResourceKey.init)
            // The name was judged before, with those of the other resources.
            if key != .name { issues.add(declaration.issue(key ?? .fields, error.description)) }
            return nil
        }
    }

    // MARK: - Fields

    private func schema(of field: FieldDeclaration, _ issues: inout Issues) -> FieldSchema? {
        var type = field.type
        if let reference = field.reference, let node = field.nodes[.references] {
            guard let target = targets[reference.resource] else {
                issues.add(node, unknown("resource", reference.resource, among: targets.keys.sorted()))
                return checked(field, type, &issues)
            }
            if let declared = type, let target, declared != target {
                let mismatch = "\(field.name.text): the key of \(reference.resource) is of the type \(target)"
                issues.add(field.place(of: .type), "\(mismatch), not \(declared)")
            }
            // Of a target that isn't right itself the mistakes are told there.
            guard let known = type ?? target else { return nil }
            type = known
        } else if type == nil, field.broken.isDisjoint(with: [.type, .references]) {
            issues.add(field.name.node, "\(field.name.text) needs a type")
        }
        return checked(field, type, &issues)
    }

    private func checked(_ field: FieldDeclaration, _ type: ValueType?, _ issues: inout Issues) -> FieldSchema? {
        guard let type else { return nil }
        var builder = FieldBuilder(field, type, &issues)
        return builder.schema(&issues)
    }

    private func checkKeys(_ issues: inout Issues) {
        let keys = declaration.fields.filter { $0.nodes[.key] != nil || $0.broken.contains(.key) }
        if keys.isEmpty, let node = declaration.nodes[.fields], case .mapping = node.content {
            issues.add(node, "\(declaration.name) needs a key: a field with key: generated or key: assigned")
        }
        for field in keys.dropFirst() where field.nodes[.key] != nil {
            let first = keys[0].name.text
            issues.add(field.place(of: .key), "\(declaration.name) has one key, and \(first) is it")
        }
    }

    private func checkColumns(_ issues: inout Issues) {
        var columns: [String: String] = [:]
        var managed: [ManagedField: String] = [:]
        for (field, schema) in fields {
            if let first = columns[schema.column] {
                let node = field.nodes[.column] ?? field.name.node
                issues.add(node, "\(schema.name) has the column \(schema.column), which is that of \(first)")
            } else {
                columns[schema.column] = schema.name
            }
            guard let kind = schema.managed else { continue }
            if let first = managed[kind] {
                issues.add(field.place(of: .managed), "only one field can be \(kind.rawValue), and \(first) is it")
            } else {
                managed[kind] = schema.name
            }
        }
    }

    // MARK: - The resource

    private func checkTable(_ issues: inout Issues) {
        do throws(SchemaError) {
            _ = try ResourceSchema(standName, stand, table: declaration.table)
        } catch  where error.constraint == "table" {
            issues.add(declaration.issue(.table, error.description))
        } catch {
            // Anything else was told with the fields.
        }
    }

    /// The sets that are right.
    private func checked(
        _ sets: [ResourceDeclaration.FieldSet], _ key: ResourceKey, _ issues: inout Issues
    ) -> [[String]] {
        let declared = declaration.fields.map(\.name.text)
        var right: [[String]] = []
        for set in sets {
            let strangers = set.names.filter { !declared.contains($0.text) }
            for name in strangers { issues.add(name.node, unknown("field", name.text, among: declared)) }
            let names = set.names.map(\.text)
            // Where a field isn't right itself nothing more can be told.
            guard strangers.isEmpty, names.allSatisfy({ name in stand.contains { $0.name == name } }) else { continue }
            let tried = right + [names]
            do throws(SchemaError) {
                _ = try ResourceSchema(
                    standName, stand, unique: key == .unique ? tried : [], indexes: key == .indexes ? tried : [])
                right = tried
            } catch  where error.constraint == key.rawValue {
                issues.add(set.node, error.description)
            } catch {
                // Anything else was told with the fields.
            }
        }
        return right
    }

    /// A name to try things under: the resource's own, if it is one.
    private var standName: String {
        do throws(SchemaError) {
            try ResourceSchema.check(name: declaration.name)
            return declaration.name
        } catch {
            return "resource"
        }
    }

    /// Fields to try things on: those that are right, with one key whatever was declared, and nothing twice.
    private static func stand(of fields: [FieldSchema]) -> [FieldSchema] {
        var (columns, managed): (Set<String>, Set<ManagedField>) = ([], [])
        var stand = fields.filter { field in
            columns.insert(field.column).inserted && field.managed.map { managed.insert($0).inserted } != false
        }
        if let key = stand.first(where: { $0.key != nil }) {
            stand.removeAll { $0.key != nil && $0 !== key }
        } else if let key = try? FieldSchema("key", .integer, [.key(.generated), .column("martlet_key")]) {
            stand.removeAll { $0.name == key.name }
            stand.append(key)
        }
        return stand
    }
}
