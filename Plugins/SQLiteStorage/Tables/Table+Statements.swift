import MartletModel

extension Table {
    /// The forms that a read can have. Each is one statement.
    enum Read: Int, CaseIterable {
        /// Parameters: the key.
        case byKey
        /// Parameters: the limit.
        case firstPage
        /// Parameters: the key before the page, the limit.
        case nextPage
    }

    func select(_ read: Read) -> String {
        let select = "SELECT \(columnList) FROM \(name)"
        return switch read {
        case .byKey: "\(select) WHERE \(key) = ?1"
        case .firstPage: "\(select) ORDER BY \(key) LIMIT ?1"
        case .nextPage: "\(select) WHERE \(key) > ?1 ORDER BY \(key) LIMIT ?2"
        }
    }

    /// Parameters: the values of ``insertedColumns``, then the version.
    var insert: String {
        let columns = insertedColumns.map(column) + [Self.version]
        let values = columns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
        return "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES (\(values)) RETURNING \(columnList)"
    }

    /// Whether the database makes its keys: integers, each higher than all before.
    var makesKeys: Bool { schema.key.key == .generated && schema.key.type == .integer }

    /// Where the database keeps the highest key that it has made.
    var lastKey: String { "FROM sqlite_sequence WHERE name = \(Self.literal(schema.table)) COLLATE NOCASE" }

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

    /// Has a row if another record has these values. Parameters: the values; the key of the record that may have them, or
    /// null.
    func probe(_ unique: Unique) -> String {
        let values = unique.columns.enumerated().map { index, column in
            "\(self.column(column)) = ?\(index + 1)" + (unique.collations[column].map { " COLLATE \($0)" } ?? "")
        }
        return "SELECT 1 FROM \(name) WHERE \(values.joined(separator: " AND ")) "
            + "AND \(key) IS NOT ?\(unique.columns.count + 1)"
    }

    /// Has a row if there is a record with this key. Parameters: the key.
    var probeKey: String { "SELECT 1 FROM \(name) WHERE \(key) = ?1" }
}
