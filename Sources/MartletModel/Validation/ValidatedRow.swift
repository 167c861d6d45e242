/// A record that a client may write: it keeps to its schema's types and constraints. Nothing else can be put into a
/// transaction, so a storage never sees a value that a schema forbids.
public struct ValidatedRow: Sendable, Equatable {
    /// One row. What is absent stays as it is in a record that is changed, and has its default in one that is made: so do
    /// fields that clients don't write.
    public let cells: RowBatch
    /// The version that the body says it means: a precondition as good as the one in a header.
    public let version: Int64?
    /// Fields whose values are those of an earlier operation's record, with what the body says of them. Their cells are
    /// absent until ``resolving(_:_:)``.
    package let references: [Int: String]

    /// Checks a row, such as one made in Swift.
    /// - Throws: ``Problem`` with every field's error, in the schema's order.
    /// - Precondition: `rows` is one row of the schema.
    public init(_ rows: RowBatch, _ schema: ResourceSchema, for kind: WriteKind) throws(Problem) {
        try self.init(rows, schema, for: kind, references: [:])
    }

    /// The same for a row with fields whose values are those of earlier operations' records.
    /// - Parameter references: columns, whose cells are absent, with what says where the value comes from.
    package init(
        _ rows: RowBatch, _ schema: ResourceSchema, for kind: WriteKind, references: [Int: String]
    ) throws(Problem) {
        do throws(InvalidRow) {
            try self.init(rows, schema, for: kind, typeErrors: [:], references: references, unknown: [])
        } catch {
            throw .validationFailed(error.errors)
        }
    }

    /// - Parameters:
    ///   - typeErrors: fields that were given, but not in their type; their cells are absent.
    ///   - references: fields whose values are known later; their cells are absent.
    ///   - unknown: what was given, but is no field.
    init(
        _ rows: RowBatch, _ schema: ResourceSchema, for kind: WriteKind, typeErrors: [Int: FieldError],
        references: [Int: String], unknown: [FieldError]
    ) throws(InvalidRow) {
        precondition(rows.width == schema.width && rows.count == 1, "one row of \(schema.name)")
        var (cells, references) = (rows, references)
        var errors: [FieldError] = []
        for (column, field) in schema.fields.enumerated() {
            if !references.isEmpty, references[column] != nil {
                guard let error = field.referenceError(for: kind) else { continue }
                errors.append(error)
                // Nothing else is said of it: not that it leads nowhere, too.
                references[column] = nil
                continue
            }
            let typeError = typeErrors.isEmpty ? nil : typeErrors[column]
            if let error = Self.check(field, column, &cells, for: kind, typeError) { errors.append(error) }
        }
        version = cells[0, schema.versionIndex].integer
        if let error = typeErrors[schema.versionIndex] {
            errors.append(error)
        } else if kind == .create, !cells[0, schema.versionIndex].isAbsent {
            errors.append(FieldError(field: ResourceSchema.versionName, .readOnly, "is set by the server"))
        }
        cells.set(row: 0, column: schema.versionIndex, to: .absent)
        errors += unknown
        guard errors.isEmpty else { throw InvalidRow(errors, cells, references) }
        self.cells = cells
        self.references = references
    }

    /// Checks one cell, and puts what is to be written in its place.
    private static func check(
        _ field: FieldSchema, _ column: Int, _ cells: inout RowBatch, for kind: WriteKind, _ typeError: FieldError?
    ) -> FieldError? {
        let cell = cells[0, column]
        let isGiven = typeError != nil || !cell.isAbsent
        if field.isReadOnly {
            cells.set(row: 0, column: column, to: .absent)
            return field.readOnlyError(cell, of: cells, isGiven: isGiven, for: kind)
        }
        if field.key == .assigned, kind != .create {
            return checkKey(field, column, &cells, for: kind, isGiven: isGiven, typeError)
        }
        if let error = typeError ?? field.error(in: cell, of: cells, for: kind) {
            // What was never shown needn't be sent back, unless PUT may have to make the record.
            let isKept = error.code == .required && field.isWriteOnly && kind.keepsWriteOnly
            return isKept ? nil : error
        }
        guard cell.isAbsent, kind != .patch, !(field.isWriteOnly && kind.keepsWriteOnly) else { return nil }
        if let value = field.defaultCell {
            cells.set(row: 0, column: column, to: value[0, 0], of: value)
        } else {
            cells.set(row: 0, column: column, to: .null)
        }
        return nil
    }

    /// A key that the client assigned when the record was made: PUT has it in its path, and nothing changes it.
    private static func checkKey(
        _ field: FieldSchema, _ column: Int, _ cells: inout RowBatch, for kind: WriteKind, isGiven: Bool,
        _ typeError: FieldError?
    ) -> FieldError? {
        let cell = cells[0, column]
        cells.set(row: 0, column: column, to: .absent)
        guard case .replace(let key, _) = kind else {
            return isGiven ? FieldError(field: field.name, .readOnly, "can't be changed") : nil
        }
        if let error = typeError ?? (isGiven ? field.keyMismatch(cell, of: cells, key) : nil) { return error }
        key.store(in: &cells, row: 0, column: column)
        return field.error(in: cells[0, column], of: cells, for: kind)
    }
}

extension ValidatedRow {
    /// The row with the key that the server gives it.
    package func with(_ key: Key, _ schema: ResourceSchema) -> ValidatedRow {
        var cells = cells
        key.store(in: &cells, row: 0, column: schema.keyIndex)
        return ValidatedRow(cells, version, references)
    }

    /// The row once the values that it takes from earlier records are known.
    /// - Parameter value: the cell for a column of ``references``, in a batch of its own.
    /// - Throws: ``Problem`` when one of these is none that its field takes.
    package func resolving(
        _ schema: ResourceSchema, _ value: (_ column: Int) -> (cell: Cell, rows: RowBatch)?
    ) throws(Problem) -> ValidatedRow {
        guard !references.isEmpty else { return self }
        var cells = cells
        for column in references.keys {
            guard let (cell, rows) = value(column) else { continue }
            cells.set(row: 0, column: column, to: cell, of: rows)
        }
        try Self.check(references.keys.sorted(), of: cells, schema)
        return ValidatedRow(cells, version, [:])
    }

    /// The row as server code has changed it, which may set what clients can't.
    /// - Throws: ``Problem`` when a value is none that its field takes.
    package func revised(_ revision: RowBatch, _ schema: ResourceSchema) throws(Problem) -> ValidatedRow {
        precondition(revision.width == schema.width && revision.count == 1, "one row of \(schema.name)")
        var revision = revision
        for (column, field) in schema.fields.enumerated() where field.key != nil || field.managed != nil {
            revision.set(row: 0, column: column, to: cells[0, column], of: cells)
        }
        try Self.check(schema.fields.indices.filter { schema.fields[$0].managed == nil }, of: revision, schema)
        return ValidatedRow(revision, version, references.filter { revision[0, $0.key].isAbsent })
    }

    /// A new record that server code makes, which may set what clients can't. A generated key and managed fields are set
    /// by the server all the same.
    /// - Throws: ``Problem`` with every field's error.
    package static func madeByServer(_ rows: RowBatch, _ schema: ResourceSchema) throws(Problem) -> ValidatedRow {
        var writable = rows
        for (column, field) in schema.fields.enumerated() where field.isReadOnly {
            writable.set(row: 0, column: column, to: .absent)
        }
        writable.set(row: 0, column: schema.versionIndex, to: .absent)
        let row = try ValidatedRow(writable, schema, for: .create)
        var complete = row.cells
        for (column, field) in schema.fields.enumerated() where field.isDeclaredReadOnly {
            complete.set(row: 0, column: column, to: rows[0, column], of: rows)
        }
        return try row.revised(complete, schema)
    }

    private static func check(_ columns: [Int], of cells: RowBatch, _ schema: ResourceSchema) throws(Problem) {
        let errors = columns.compactMap { schema.fields[$0].error(in: cells[0, $0], of: cells, for: .patch) }
        guard errors.isEmpty else { throw .validationFailed(errors) }
    }

    private init(_ cells: RowBatch, _ version: Int64?, _ references: [Int: String]) {
        self.cells = cells
        self.version = version
        self.references = references
    }
}

extension FieldSchema {
    /// Why this field can't have the value of an earlier operation's record.
    fileprivate func referenceError(for kind: WriteKind) -> FieldError? {
        switch (key, kind) {
        case (nil, _), (.generated, .create), (.generated, .patch):
            isReadOnly ? FieldError(field: name, .readOnly, "is set by the server") : nil
        // What is made is checked before any operation is done: the key as well.
        case (.assigned, .create):
            FieldError(
                field: name, .operation, "can't be a $ref, as it is the key of a new record: write the key itself")
        case (.assigned, .patch): FieldError(field: name, .readOnly, "can't be changed")
        case (_, .replace):
            FieldError(field: name, .operation, "can't be a $ref: leave it out, as the path has the key")
        }
    }
}
