import MartletModel

/// An index that a schema asks for.
struct Index: Sendable {
    /// `users.email.unique`: dots are in no resource's and no column's name, so it is nobody else's.
    let name: String
    let definition: String
    /// Without the key that it may end with.
    let columns: [Int]
    let isUnique: Bool
    let isIgnoringCase: Bool

    init(_ table: Table, _ columns: [Int], isUnique: Bool, isIgnoringCase: Bool = false) {
        (self.columns, self.isUnique, self.isIgnoringCase) = (columns, isUnique, isIgnoringCase)
        let names = columns.map { table.schema.fields[$0].column }.joined(separator: "+")
        name = "\(table.schema.table).\(names).\(isUnique ? "unique" : "index")"
        let collation = isIgnoringCase ? " COLLATE NOCASE" : ""
        // Every index ends with the rowid by itself, which an integer key is. Another key has to be said, to have those of the
        // same values in an order; a unique one has none.
        let key = table.schema.keyIndex
        let needsKey = !isUnique && !columns.contains(key) && table.schema.key.type != .integer
        let list = (columns + (needsKey ? [key] : [])).map { table.column($0) + collation }.joined(separator: ", ")
        let kind = isUnique ? "UNIQUE INDEX" : "INDEX"
        definition = "CREATE \(kind) \(Table.quote(name)) ON \(table.name) (\(list))"
    }

    /// Whether an index or a trigger is one that Martlet has made, by its name.
    static func isOwn(_ name: String, of table: String) -> Bool {
        name.hasPrefix("\(table).") && [".unique", ".index", ".setnull"].contains { name.hasSuffix($0) }
    }
}
