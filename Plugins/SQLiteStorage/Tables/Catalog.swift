import MartletModel
import MartletSQL

/// Every table, found by its schema.
final class Catalog: Sendable {
    let graph: ReferenceGraph
    /// By identity: a request carries the very schema that ``SQLiteDatabase/prepare(_:)`` was given. ``tables`` keeps
    /// these alive, so no other schema can come to have one's identity.
    private let ordinals: [ObjectIdentifier: Int]

    init(_ schemas: [ResourceSchema]) {
        graph = ReferenceGraph(schemas, .sqlite)
        ordinals = Dictionary(schemas.enumerated().map { (ObjectIdentifier($1), $0) }) { first, _ in first }
    }

    var tables: [TableLayout] { graph.tables }
    var schemas: [ResourceSchema] { tables.map(\.schema) }

    /// The place of a schema's table in ``tables``.
    func ordinal(of schema: ResourceSchema) -> Int? {
        ordinals[ObjectIdentifier(schema)]
    }
}
