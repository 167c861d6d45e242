import MartletModel

extension BlockingConnection {
    /// Makes the tables and indexes that are missing, all or none. Of several servers that start at once one does it, and
    /// the others wait.
    func prepareTables(of schemas: [ResourceSchema]) throws(PostgresError) {
        try execute("BEGIN; SELECT pg_advisory_xact_lock(\(Self.lock))")
        let layouts = schemas.enumerated().map { TableLayout($1, ordinal: $0) }
        let graph = ReferenceGraph(layouts)
        for (name, definition) in ServerTables.definitions where try !has(name) { try execute(definition) }
        var missing: [TableLayout] = []
        for layout in layouts where try !has(layout.schema.table) { missing.append(layout) }
        for layout in missing {
            try execute(layout.definition)
            for index in layout.indexes { try execute(index.definition) }
            if let trigger = SetNullTrigger(layout) { try execute(trigger.definition) }
        }
        for layout in missing {
            for reference in layout.referenceDefinitions(graph) { try execute(reference) }
        }
        try execute("COMMIT")
    }

    /// Of Martlet's migrations alone, in a database.
    private static let lock: Int64 = 0x6D61_7274_6C65_7400

    private func has(_ name: String) throws(PostgresError) -> Bool {
        try rows("SELECT to_regclass($1)", [TableLayout.quote(name)]).first?.first.flatMap { $0 } != nil
    }
}
