import MartletModel
import MartletSQL

/// How the tables of some resources are made.
struct Definitions {
    let graph: ReferenceGraph
    var layouts: [TableLayout] { graph.tables }

    init(_ schemas: [ResourceSchema]) {
        graph = ReferenceGraph(schemas, .postgres)
    }

    var names: [String] { layouts.map(\.schema.table) }

    /// In an order in which they can be executed.
    /// - Parameter schema: where functions are made, if not where tables are.
    func statements(in schema: String? = nil) -> [String] {
        layouts.flatMap { $0.definitions(in: schema) }
            + layouts.flatMap { layout in
                layout.references.compactMap { layout.referenceDefinition(of: $0, graph) }
            }
    }

    var checksum: Int64 {
        Int64(bitPattern: FNV1a.hash(of: statements().joined(separator: ";\n")))
    }
}
