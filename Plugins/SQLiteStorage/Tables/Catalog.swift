import MartletModel

/// Every table, found by its schema.
final class Catalog: Sendable {
    let tables: [Table]
    /// By identity: a request carries the very schema that ``SQLiteDatabase/prepare(_:)`` was given. ``tables`` keeps
    /// these alive, so no other schema can come to have one's identity.
    private let ordinals: [ObjectIdentifier: Int]
    private let ordinalsByResource: [String: Int]
    private let ordinalsByTable: [String: Int]

    init(_ schemas: [ResourceSchema]) {
        tables = schemas.enumerated().map { Table($1, ordinal: $0) }
        ordinals = Dictionary(schemas.enumerated().map { (ObjectIdentifier($1), $0) }) { first, _ in first }
        ordinalsByResource = Dictionary(schemas.enumerated().map { ($1.name, $0) }) { first, _ in first }
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

    func table(called name: String) -> Table? {
        ordinalsByTable[name].map { tables[$0] }
    }
}
