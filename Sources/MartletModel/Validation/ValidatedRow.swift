/// A record that a client may write: it keeps to its schema's types and constraints. Nothing else can be put into a
/// transaction, so a storage never sees a value that a schema forbids.
public struct ValidatedRow: Sendable, Equatable {
    /// One row. Read-only fields are absent; in a ``WriteKind/patch`` so is what stays as it is.
    public let cells: RowBatch

    /// Checks a row, such as one made in Swift.
    /// - Throws: ``Problem`` with every field's error, in the schema's order.
    /// - Precondition: `rows` is one row of the schema.
    public init(_ rows: RowBatch, _ schema: ResourceSchema, for kind: WriteKind) throws(Problem) {
        try self.init(rows, schema, for: kind, typeErrors: [:], unknown: [])
    }

    /// - Parameters:
    ///   - typeErrors: fields that were given, but not in their type; their cells are absent.
    ///   - unknown: what was given, but is no field.
    init(
        _ rows: RowBatch, _ schema: ResourceSchema, for kind: WriteKind, typeErrors: [Int: FieldError],
        unknown: [FieldError]
    ) throws(Problem) {
        precondition(rows.width == schema.fields.count && rows.count == 1, "one row of \(schema.name)")
        var cells = rows
        var errors: [FieldError] = []
        for (column, field) in schema.fields.enumerated() {
            let cell = rows[0, column]
            let typeError = typeErrors.isEmpty ? nil : typeErrors[column]
            if field.isReadOnly {
                if let error = field.readOnlyError(cell, isGiven: typeError != nil || !cell.isAbsent, for: kind) {
                    errors.append(error)
                }
                cells.set(row: 0, column: column, to: .absent)
            } else if let error = typeError ?? field.error(in: cell, of: rows, for: kind) {
                errors.append(error)
            } else if cell.isAbsent, kind != .patch {
                cells.set(row: 0, column: column, to: .null)
            }
        }
        errors += unknown
        guard errors.isEmpty else { throw .validationFailed(errors) }
        self.cells = cells
    }
}
