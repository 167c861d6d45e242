import CSQLite
import MartletModel

/// What the database says of one of its columns.
struct ColumnFacts {
    private let type: String
    private let isNotNull: Bool
    private let isKey: Bool
    private let isGenerated: Bool
    private let isAutoincrement: Bool
    private let collation: String

    init(
        type: String, isNotNull: Bool, isKey: Bool, isGenerated: Bool, _ name: String, of table: String,
        on connection: Connection
    ) throws(SQLiteError) {
        (self.type, self.isNotNull) = (type.uppercased(), isNotNull)
        (self.isKey, self.isGenerated) = (isKey, isGenerated)
        var collation: UnsafePointer<CChar>?
        var autoincrement: Int32 = 0
        try connection.check(
            sqlite3_table_column_metadata(
                connection.handle, "main", table, name, nil, &collation, nil, nil, &autoincrement))
        self.collation = collation.map { String(cString: $0) } ?? "BINARY"
        isAutoincrement = autoincrement != 0
    }

    /// Each completes "column x …".
    func differences(from field: FieldSchema) -> [String] {
        var differences: [String] = []
        let expected = Table.typeName(field.type)
        // INT and INTEGER are one type, but only INTEGER makes a key that the database assigns.
        if type != expected, field.key != nil || expected != "INTEGER" || type != "INT" {
            differences.append("is \(type.isEmpty ? "of no type" : type), not \(expected)")
        }
        if isGenerated { differences.append("is computed by the database") }
        if collation.uppercased() != "BINARY" { differences.append("compares by \(collation), not by its bytes") }
        if isKey != (field.key != nil) {
            differences.append(isKey ? "is in the primary key" : "is not the primary key")
        }
        if field.key == .generated, field.type == .integer {
            if isKey && !isAutoincrement { differences.append("is not AUTOINCREMENT: deleted keys would come back") }
        } else if isNotNull == field.isNullable {
            differences.append(isNotNull ? "is NOT NULL" : "may be null")
        }
        return differences
    }
}
