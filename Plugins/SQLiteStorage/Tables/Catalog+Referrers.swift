import MartletKernel
import MartletModel

/// What refers to the records of a table.
extension Catalog {
    /// A field that can keep a record from being deleted, and how to see whether it does.
    struct Referrer {
        let name: Refusal.Referrer
        /// Has a row if it does. Parameters: the key of the record that is to go.
        let probe: String
    }

    /// The fields that restrict the deletion of a table's record, or of one that would go with it, in the order of their
    /// resources' names and of their schemas.
    func referrers(of table: Table) -> [Referrer] {
        let deleted = tablesDeleted(with: table)
        let gone = gone(with: table, deleted)
        var referrers: [Referrer] = []
        for child in tables.sorted(by: { $0.schema.name < $1.schema.name }) {
            for column in child.references {
                let (field, name) = (child.schema.fields[column], child.schema.name)
                guard let reference = field.reference, reference.onDelete == .restrict,
                    let target = deleted.first(where: { $0.schema.name == reference.resource })
                else { continue }
                // A record that goes along keeps nothing.
                let probe =
                    "\(gone) SELECT 1 FROM gone AS target CROSS JOIN \(child.name) AS child "
                    + "ON child.\(child.column(column)) = target.record WHERE target.\"table\" = \(target.ordinal) "
                    + "AND (\(child.ordinal), child.\(child.key)) NOT IN (SELECT \"table\", record FROM gone) LIMIT 1"
                referrers.append(Referrer(name: Refusal.Referrer(resource: name, field: field.name), probe: probe))
            }
        }
        return referrers
    }

    /// Whether a deletion from a table can make references null.
    func setsNull(deletingFrom table: Table) -> Bool {
        tablesDeleted(with: table).contains { !references(to: $0, .setNull).isEmpty }
    }

    /// All that a deletion from a table takes: the ordinals of tables, and keys. No record comes before what it was found
    /// by. Parameters: the key of the record that is to go.
    func listGone(with table: Table) -> String {
        "\(gone(with: table, tablesDeleted(with: table))) SELECT \"table\", record FROM gone"
    }

    /// Whether a deletion from a table may go down more levels than SQLite does: through references that cascade in a
    /// circle, or through very many tables.
    func mayCascadeDeeply(from table: Table) -> Bool {
        let deleted = tablesDeleted(with: table)
        // A level for each, one for a trigger, of a thousand.
        return deleted.count > 990
            || deleted.contains { member in
                cascading(from: member).contains { child, _ in
                    tablesDeleted(with: child).contains { $0.ordinal == member.ordinal }
                }
            }
    }

    /// The table, and those from which a deletion from it takes records too, through references that cascade.
    private func tablesDeleted(with table: Table) -> [Table] {
        var found = [table]
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

    /// The references through which the deletion of a table's record takes others.
    func cascading(from table: Table) -> [(child: Table, column: Int)] {
        references(to: table, .cascade)
    }

    /// The records that a deletion takes, by their tables and keys. UNION drops what is found again, so that it ends also
    /// where records refer to each other in a circle (<https://www.sqlite.org/lang_with.html>, 3).
    private func gone(with table: Table, _ deleted: [Table]) -> String {
        let steps = deleted.flatMap { target in
            cascading(from: target).map { child, column in
                " UNION SELECT \(child.ordinal), child.\(child.key) FROM gone CROSS JOIN \(child.name) AS child "
                    + "ON child.\(child.column(column)) = gone.record WHERE gone.\"table\" = \(target.ordinal)"
            }
        }
        return "WITH RECURSIVE gone (\"table\", record) AS (VALUES (\(table.ordinal), ?1)\(steps.joined()))"
    }
}
