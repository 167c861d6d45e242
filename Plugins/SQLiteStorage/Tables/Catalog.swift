import MartletModel

/// Every table, found by its schema.
final class Catalog: Sendable {
    let tables: [Table]
    /// By identity: a request carries the very schema that ``SQLiteDatabase/prepare(_:)`` was given. ``tables`` keeps
    /// these alive, so no other schema can come to have one's identity.
    private let ordinals: [ObjectIdentifier: Int]
    private let ordinalsByResource: [String: Int]
    private let ordinalsByTable: [String: Int]
    /// The references to each resource's records: without these, each table would be asked for each.
    private let referring: [String: [(ordinal: Int, column: Int)]]

    init(_ schemas: [ResourceSchema]) {
        tables = schemas.enumerated().map { Table($1, ordinal: $0) }
        ordinals = Dictionary(schemas.enumerated().map { (ObjectIdentifier($1), $0) }) { first, _ in first }
        ordinalsByResource = Dictionary(schemas.enumerated().map { ($1.name, $0) }) { first, _ in first }
        var referring: [String: [(ordinal: Int, column: Int)]] = [:]
        for table in tables {
            for column in table.references {
                guard let target = table.schema.fields[column].reference?.resource else { continue }
                referring[target, default: []].append((table.ordinal, column))
            }
        }
        self.referring = referring
        ordinalsByTable = Dictionary(schemas.enumerated().map { ($1.table, $0) }) { first, _ in first }
    }

    /// The place of a schema's table in ``tables``.
    func ordinal(of schema: ResourceSchema) -> Int? {
        ordinals[ObjectIdentifier(schema)]
    }

    var schemas: [ResourceSchema] { tables.map(\.schema) }

    func table(named resource: String) -> Table? {
        ordinalsByResource[resource].map { tables[$0] }
    }

    /// The references to a table's records with a rule, in the order of the tables.
    func references(to table: Table, _ rule: DeleteRule) -> [(child: Table, column: Int)] {
        (referring[table.schema.name] ?? []).compactMap { ordinal, column in
            let child = tables[ordinal]
            return child.schema.fields[column].reference?.onDelete == rule ? (child, column) : nil
        }
    }

    func table(called name: String) -> Table? {
        ordinalsByTable[name].map { tables[$0] }
    }
}
