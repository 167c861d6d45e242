import MartletKernel
import MartletModel

extension Model {
    static var resource: ResourceSchema { schema.resource }

    /// As a storage returns it, but for the version, which a storage chooses.
    ///
    /// Batches are compared byte by byte; two `String`s are equal also when one is composed and the other isn't.
    var row: RowBatch {
        var rows = RowBatch(width: Self.resource.width)
        Self.schema.append(self, to: &rows)
        return rows
    }

    /// What a client gives of it: without what the server sets.
    var draft: RowBatch {
        var rows = row
        for (column, field) in Self.resource.fields.enumerated() where field.isReadOnly {
            rows.set(row: 0, column: column, to: .absent)
        }
        return rows
    }

    var key: Key { Self.resource.key(ofRow: 0, in: row) ?? .integer(0) }

    /// What a storage is given to make it. A generated UUID is in it, as the application makes these.
    func insertion() throws(Problem) -> ValidatedRow {
        try insertion(taking: [:])
    }

    /// The same with fields whose values come from earlier mutations.
    func insertion(taking references: [Int: ResultReference]) throws(Problem) -> ValidatedRow {
        var rows = draft
        for column in references.keys { rows.set(row: 0, column: column, to: .absent) }
        let names = references.mapValues { "\($0.mutation)/\($0.column)" }
        let validated = try ValidatedRow(rows, Self.resource, for: .create, references: names)
        return Self.resource.key.key == .generated && Self.resource.key.type == .uuid
            ? validated.with(key, Self.resource) : validated
    }

    /// The column of a field.
    static func column<Value>(_ path: KeyPath<Self, Value>) -> Int {
        guard let column = schema.column(of: path) else { preconditionFailure("a field of \(resource.name)") }
        return column
    }
}

extension RowBatch {
    /// The same rows with absent versions.
    var withoutVersions: RowBatch {
        var rows = self
        for row in 0..<count { rows.set(row: row, column: width - 1, to: .absent) }
        return rows
    }

    /// The version of the first row; 0 when there is none, which no change gives.
    var version: Int64 { isEmpty ? 0 : self[0, width - 1].integer ?? 0 }

    /// The versions of all rows.
    var versions: [Int64] { (0..<count).map { self[$0, width - 1].integer ?? 0 } }
}
