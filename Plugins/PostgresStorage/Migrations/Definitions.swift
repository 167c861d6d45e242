import MartletModel

/// How the tables of some resources are made.
struct Definitions {
    let layouts: [TableLayout]
    let graph: ReferenceGraph

    init(_ schemas: [ResourceSchema]) {
        layouts = schemas.enumerated().map { TableLayout($1, ordinal: $0) }
        graph = ReferenceGraph(layouts)
    }

    var names: [String] { layouts.map(\.schema.table) }

    /// In an order in which they can be executed.
    /// - Parameter schema: where functions are made, if not where tables are.
    func statements(in schema: String? = nil) -> [String] {
        layouts.flatMap { layout in
            [layout.definition] + layout.indexes.map(\.definition)
                + [SetNullTrigger(layout, in: schema)?.definition].compactMap(\.self)
        }
            + layouts.flatMap { layout in
                layout.references.compactMap { layout.referenceDefinition(of: $0, graph) }
            }
    }

    var checksum: Int64 {
        Int64(bitPattern: FNV1a.hash(of: statements().joined(separator: ";\n").utf8))
    }
}
