import MartletKernel
import MartletModel

/// What refers to what among the tables.
struct ReferenceGraph {
    private let layouts: [TableLayout]

    init(_ layouts: [TableLayout]) {
        self.layouts = layouts
    }

    /// The table that a column refers to.
    func target(of layout: TableLayout, _ column: Int) -> TableLayout? {
        let reference = layout.schema.fields[column].reference
        return layouts.first { $0.schema.name == reference?.resource }
    }

    /// The fields that restrict the deletion of a table's record, or of one that would go with it, in the order of their
    /// resources' names and of their schemas.
    func referrers(of layout: TableLayout, _ list: inout StatementList) -> Referrers {
        let deleted = tablesDeleted(with: layout)
        var names: [(resource: String, field: String)] = []
        var probes: [String] = []
        for child in layouts.sorted(by: { $0.schema.name < $1.schema.name }) {
            for column in child.references {
                let (field, name) = (child.schema.fields[column], child.schema.name)
                guard let reference = field.reference, reference.onDelete == .restrict,
                    let target = deleted.first(where: { $0.schema.name == reference.resource })
                else { continue }
                names.append((name, field.name))
                // A record that goes along keeps nothing.
                probes.append(
                    "EXISTS (SELECT 1 FROM gone JOIN \(child.relation) AS child "
                        + "ON child.\(child.column(column)) = gone.\(Self.keyColumn(target)) "
                        + "WHERE gone.\"table\" = \(target.ordinal) AND NOT EXISTS (SELECT 1 FROM gone AS other "
                        + "WHERE other.\"table\" = \(child.ordinal) "
                        + "AND other.\(Self.keyColumn(child)) = child.\(child.key)))")
            }
        }
        guard !probes.isEmpty else { return Referrers(names: [], statement: nil) }
        let sql = "\(gone(with: layout, deleted)) SELECT \(probes.joined(separator: ", "))"
        return Referrers(names: names, statement: list.add(sql, [layout.keyType]))
    }

    /// Whether a deletion from a table can make references null.
    func deletionSetsNull(_ layout: TableLayout) -> Bool {
        let deleted = Set(tablesDeleted(with: layout).map(\.schema.name))
        return layouts.contains { child in
            child.references.contains { column in
                guard let reference = child.schema.fields[column].reference else { return false }
                return reference.onDelete == .setNull && deleted.contains(reference.resource)
            }
        }
    }

    /// All that a deletion from a table takes: the ordinals of tables, and keys. No record comes before what it was found
    /// by. Parameters: the key of the record that is to go. Nil when that one goes alone.
    func listGone(with layout: TableLayout) -> String? {
        let deleted = tablesDeleted(with: layout)
        guard !deleted.allSatisfy({ cascading(from: $0).isEmpty }) else { return nil }
        return "\(gone(with: layout, deleted)) SELECT \"table\", integer_key, text_key, uuid_key FROM gone"
    }

    static let goneTags: [Cell.Tag] = [.integer, .integer, .string, .uuid]

    /// The table, and those from which a deletion from it takes records too, through references that cascade.
    private func tablesDeleted(with layout: TableLayout) -> [TableLayout] {
        var found = [layout]
        var next = 0
        while next < found.count {
            for (child, _) in cascading(from: found[next]) where !found.contains(where: { $0.ordinal == child.ordinal })
            {
                found.append(child)
            }
            next += 1
        }
        return found
    }

    private func cascading(from layout: TableLayout) -> [(child: TableLayout, column: Int)] {
        layouts.flatMap { child in
            child.references.compactMap { column in
                let reference = child.schema.fields[column].reference
                return reference?.resource == layout.schema.name && reference?.onDelete == .cascade
                    ? (child, column) : nil
            }
        }
    }

    /// The records that a deletion takes, by their tables and keys, which have a column for each type that they may be of.
    /// UNION drops what is found again, so that it ends also where records refer to each other in a circle
    /// (<https://www.postgresql.org/docs/current/queries-with.html>).
    private func gone(with layout: TableLayout, _ deleted: [TableLayout]) -> String {
        let steps = deleted.flatMap { target in
            cascading(from: target).map { child, column in
                "SELECT \(child.ordinal)::bigint, \(Self.keyColumns(child, "child.\(child.key)")) "
                    + "FROM \(child.relation) AS child "
                    + "WHERE gone.\"table\" = \(target.ordinal) "
                    + "AND child.\(child.column(column)) = gone.\(Self.keyColumn(target))"
            }
        }
        let first = "SELECT \(layout.ordinal)::bigint, \(Self.keyColumns(layout, "$1"))"
        // The recursive term may name `gone` once only: so the steps stand beside it, looked up for each of its rows.
        let recursion =
            steps.isEmpty
            ? ""
            : " UNION SELECT found.* FROM gone CROSS JOIN LATERAL (\(steps.joined(separator: " UNION ALL "))) AS found"
        return "WITH RECURSIVE gone (\"table\", integer_key, text_key, uuid_key) AS (\(first)\(recursion))"
    }

    private static func keyColumn(_ layout: TableLayout) -> String {
        switch layout.schema.key.type {
        case .integer: "integer_key"
        case .uuid: "uuid_key"
        default: "text_key"
        }
    }

    private static func keyColumns(_ layout: TableLayout, _ key: String) -> String {
        let column = keyColumn(layout)
        let columns = [
            ("integer_key", "bigint"), ("text_key", "text COLLATE \"C\""), ("uuid_key", "uuid"),
        ]
        return columns.map { name, type in
            name == column ? "\(key)::\(type)" : "NULL::\(type)"
        }.joined(separator: ", ")
    }
}
