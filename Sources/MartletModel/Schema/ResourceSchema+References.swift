/// What several resources have to be to each other.
extension ResourceSchema {
    /// A field that refers to what it can't, or two resources of one table.
    public struct Mistake: Sendable, CustomStringConvertible {
        public let resource: String
        /// Nil when it is about the resource as a whole.
        public let field: String?
        public let description: String
    }

    /// Everything that keeps these resources from being served together.
    /// - Parameter checked: only mistakes in these are told; all unless given.
    public static func mistakes(
        among resources: [ResourceSchema], checking checked: [ResourceSchema]? = nil
    ) -> [Mistake] {
        let byName = Dictionary(resources.map { ($0.name, $0) }) { first, _ in first }
        // Databases ignore the case of ASCII letters here; names have none.
        let byTable = Dictionary(grouping: resources, by: \.table)
        let made = Dictionary(resources.flatMap { owner in owner.madeNames.map { ($0, owner) } }) { first, _ in first }
        var mistakes: [Mistake] = []
        for resource in checked ?? resources {
            let table = resource.table
            if let other = byTable[table]?.first(where: { $0.name != resource.name }) {
                mistakes.append(
                    Mistake(
                        resource: resource.name, field: nil,
                        description: "\(resource.name) and \(other.name) have the same table, \(table)"))
            }
            if let other = made[table] {
                mistakes.append(
                    Mistake(
                        resource: resource.name, field: nil,
                        description:
                            "\(resource.name): PostgreSQL makes something called \(table) for the table \(other.table): "
                            + "write another name as this one's table"))
            }
            for field in resource.fields {
                guard let reference = field.reference else { continue }
                let problem: String
                if let target = byName[reference.resource] {
                    guard target.key.type != field.type else { continue }
                    problem = "\(target.name), whose key is of the type \(target.key.type), not \(field.type)"
                } else {
                    problem = "\(reference.resource), which is no resource in use"
                }
                mistakes.append(
                    Mistake(
                        resource: resource.name, field: field.name,
                        description: "\(resource.name).\(field.name) refers to \(problem)"))
            }
        }
        return mistakes
    }

    /// What PostgreSQL makes beside a table, in the same namespace, by names of its own: the index of the key, and the
    /// sequence of a generated one (`makeObjectName` in its source).
    private var madeNames: [String] {
        let index = Self.madeName(table, nil, "pkey")
        guard key.key == .generated, key.type == .integer else { return [index] }
        return [index, Self.madeName(table, key.column, "seq")]
    }

    /// The longer part is cut until the whole has 63 bytes.
    private static func madeName(_ table: String, _ column: String?, _ suffix: String) -> String {
        var (table, column) = (table[...], column.map { "_\($0)" } ?? "")
        while table.utf8.count + column.utf8.count + 1 + suffix.utf8.count > 63 {
            if table.utf8.count > column.utf8.count - 1 { table.removeLast() } else { column.removeLast() }
        }
        return "\(table)\(column)_\(suffix)"
    }
}
