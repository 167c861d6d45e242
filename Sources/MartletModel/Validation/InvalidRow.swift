/// Why there is no ``ValidatedRow``: every error of a record, and what could be read of it all the same.
package struct InvalidRow: Error {
    /// In the schema's order, then the unknown fields as they came. Pointers are those of the record.
    package let errors: [FieldError]
    /// One row, in which the fields of ``errors`` have any value; nil when there is no record.
    package let cells: RowBatch?
    /// ``ValidatedRow/references``.
    package let references: [Int: String]

    init(_ errors: [FieldError], _ cells: RowBatch, _ references: [Int: String]) {
        (self.errors, self.cells, self.references) = (errors, cells, references)
    }

    /// What should be a record is none.
    init(_ error: FieldError) {
        (errors, cells, references) = ([error], nil, [:])
    }
}

extension BodyErrors {
    mutating func append(
        _ row: InvalidRow, _ schema: ResourceSchema, for kind: WriteKind, under prefix: String = ""
    ) {
        append(row.errors, of: row.cells, schema, isNew: kind.mayMakeRecord, under: prefix)
    }
}
