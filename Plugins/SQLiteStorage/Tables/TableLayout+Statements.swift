import MartletModel
import MartletSQL

extension TableLayout {
    /// Parameters: the values of ``insertedColumns``, then the version.
    var insert: String {
        "\(insert(version: "?\(insertedColumns.count + 1)")) RETURNING \(columnList)"
    }

    /// Where the database keeps the highest key that it has made.
    var lastKey: String { "FROM sqlite_sequence WHERE name = \(dialect.literal(schema.table)) COLLATE NOCASE" }

    /// Parameters: the key that there is, and the new one.
    var changeKey: String { "UPDATE \(name) SET \(key) = ?2 WHERE \(key) = ?1 RETURNING \(columnList)" }

    /// Parameters: the values of `columns`, then the key, the version to be set, the one that is there or null for any,
    /// and the time. Does nothing where all values are there already: such a record keeps its version.
    func update(_ columns: [Int]) -> String {
        let (new, time) = (columns.count + 2, columns.count + 4)
        var assignments = columns.enumerated().map { "\(column($1)) = ?\($0 + 1)" } + ["\(Self.version) = ?\(new)"]
        if let updatedAt { assignments.append("\(column(updatedAt)) = ?\(time)") }
        return
            "UPDATE \(name) SET \(assignments.joined(separator: ", ")) \(isToUpdate(columns)) RETURNING \(columnList)"
    }

    /// Has a row where ``update(_:)`` has something to do. Parameters: the same.
    func probeUpdate(_ columns: [Int]) -> String {
        "SELECT 1 FROM \(name) \(isToUpdate(columns))"
    }

    private func isToUpdate(_ columns: [Int]) -> String {
        let (key, old) = (columns.count + 1, columns.count + 3)
        let changes = columns.enumerated().map { "\(column($1)) IS NOT ?\($0 + 1)" }.joined(separator: " OR ")
        return "WHERE \(self.key) = ?\(key) AND (?\(old) IS NULL OR \(Self.version) = ?\(old)) AND (\(changes))"
    }

    /// Parameters: the key, and the version that is there or null for any.
    var delete: String {
        "DELETE FROM \(name) WHERE \(key) = ?1 AND (?2 IS NULL OR \(Self.version) = ?2) RETURNING \(columnList)"
    }
}
