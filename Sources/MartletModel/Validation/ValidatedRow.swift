/// A record that a client may write: it keeps to its schema's types and constraints. Nothing else can be put into a
/// transaction, so a storage never sees a value that a schema forbids.
public struct ValidatedRow: Sendable, Equatable {
    /// One row. Read-only fields are absent; in a ``WriteKind/patch`` so is what stays as it is.
    public let cells: RowBatch

    /// Takes cells that the reader has checked one by one.
    init(checked cells: RowBatch) {
        self.cells = cells
    }

    /// Checks the first row of `rows`, such as one made in Swift.
    /// - Throws: ``Problem`` with every field's error.
    public init(_ rows: RowBatch, _ schema: ResourceSchema, for kind: WriteKind) throws(Problem) {
        precondition(rows.width == schema.fields.count && rows.count == 1, "one row of \(schema.name)")
        var rows = rows
        var errors: [FieldError] = []
        for (column, field) in schema.fields.enumerated() {
            let cell = rows[0, column]
            if let error = field.error(in: cell, of: rows, for: kind) {
                errors.append(error)
            } else if field.isReadOnly {
                rows.set(row: 0, column: column, to: .absent)
            } else if cell.isAbsent, field.isNullable, kind != .patch {
                rows.set(row: 0, column: column, to: .null)
            }
        }
        guard errors.isEmpty else { throw .validationFailed(errors) }
        self.init(checked: rows)
    }
}
