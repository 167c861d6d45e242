/// A typed view of a ``ResourceSchema``: the same fields, and how a Swift record is built from them.
public struct Schema<Record>: Sendable {
    /// What storages, JSON and OpenAPI see.
    public let resource: ResourceSchema
    private let decoder: @Sendable (RowBatch, Int) throws(RecordError) -> Record
    /// The column of each key path. Key paths are immutable, and those of fields capture nothing.
    private nonisolated(unsafe) let columns: [AnyKeyPath: Int]
    /// Fills a row with a record's values. It captures the fields' key paths alone.
    private nonisolated(unsafe) let encoder: (Record, inout RowBatch, Int) -> Void

    /// Declares a resource.
    ///
    /// The compiler checks the fields' types against `build`, not their order: two strings could be swapped. So one
    /// record is built from values that all differ, and read back through the key paths.
    ///
    /// - Parameters:
    ///   - fields: in the order in which `build` takes them, which is the order of the JSON.
    ///   - build: makes a record of the fields' values, as the memberwise initialiser does.
    ///   - table: the table's name, where it isn't the resource's.
    ///   - unique: names of fields whose values together are unique, set by set.
    ///   - indexes: names of fields by which together queries are to be fast, set by set.
    ///   - requiresPreconditions: PUT, PATCH and DELETE have to say which version of the record they mean.
    /// - Precondition: the schema is valid. A mistake in it ends the program with a message that names the field.
    public init<each Value: FieldValue>(
        _ name: String, _ fields: repeat Field<Record, each Value>, table: String? = nil, unique: [[String]] = [],
        indexes: [[String]] = [], requiresPreconditions: Bool = false,
        build: @escaping @Sendable (repeat each Value) -> Record
    ) {
        do throws(SchemaError) {
            try self.init(
                validating: name, repeat each fields, table: table, unique: unique, indexes: indexes,
                requiresPreconditions: requiresPreconditions, build: build)
        } catch {
            error.endProcess(in: "schema \(name)")
        }
    }

    /// The same for a schema that may be wrong.
    /// - Throws: ``SchemaError`` that names the field.
    public init<each Value: FieldValue>(
        validating name: String, _ fields: repeat Field<Record, each Value>, table: String? = nil,
        unique: [[String]] = [], indexes: [[String]] = [], requiresPreconditions: Bool = false,
        build: @escaping @Sendable (repeat each Value) -> Record
    ) throws(SchemaError) {
        try self.init(repeat each fields, build: build) { schemas throws(SchemaError) in
            try ResourceSchema(
                name, schemas, table: table, unique: unique, indexes: indexes,
                requiresPreconditions: requiresPreconditions)
        }
    }

    /// Declares what an ``Endpoint`` takes or gives: fields without a key.
    /// - Precondition: the schema is valid, as for a resource.
    public init<each Value: FieldValue>(
        message name: String, _ fields: repeat Field<Record, each Value>,
        build: @escaping @Sendable (repeat each Value) -> Record
    ) {
        do throws(SchemaError) {
            try self.init(repeat each fields, build: build) { schemas throws(SchemaError) in
                try ResourceSchema(message: name, schemas)
            }
        } catch {
            error.endProcess(in: "message \(name)")
        }
    }

    private init<each Value: FieldValue>(
        _ fields: repeat Field<Record, each Value>, build: @escaping @Sendable (repeat each Value) -> Record,
        resource: ([FieldSchema]) throws(SchemaError) -> ResourceSchema
    ) throws(SchemaError) {
        var schemas: [FieldSchema] = []
        var columns: [AnyKeyPath: Int] = [:]
        for field in repeat each fields {
            guard columns.updateValue(schemas.count, forKey: field.path) == nil else {
                throw SchemaError("\(field.name) reads a property that another field reads too")
            }
            schemas.append(try field.schema())
        }
        self.resource = try resource(schemas)
        self.columns = columns
        decoder = { rows, row throws(RecordError) in
            var column = 0
            return build(repeat try decode((each Value).self, rows, row, &column))
        }
        encoder = { record, rows, row in
            var column = 0
            repeat encode((each fields).path, of: record, &rows, row, &column)
        }
        try Self.checkOrder(repeat each fields, build: build)
    }

    /// The record in a row of a batch of this schema.
    /// - Throws: ``RecordError`` when a field is absent or of another type, as in an answer of a server with another schema.
    public func record(_ row: Int, of rows: RowBatch) throws(RecordError) -> Record {
        guard rows.width == resource.width else { throw RecordError(column: rows.width) }
        return try decoder(rows, row)
    }

    /// Adds a row with every field of a record to a batch of this schema.
    public func append(_ record: Record, to rows: inout RowBatch) {
        rows.appendAbsentRow()
        encoder(record, &rows, rows.count - 1)
    }

    /// The column of the field that a key path reads, or nil when the schema has no such field.
    public func column(of path: PartialKeyPath<Record>) -> Int? {
        columns[path]
    }

    /// A type may have but two values, as `Bool` has: so it takes a round for each bit of the fields' numbers. Any two
    /// numbers differ by one in the round after their highest bit that differs, and sentinels of such are different.
    private static func checkOrder<each Value: FieldValue>(
        _ fields: repeat Field<Record, each Value>, build: (repeat each Value) -> Record
    ) throws(SchemaError) {
        var count = 0
        for _ in repeat each fields { count += 1 }
        for shift in 0..<max(1, Int.bitWidth - count.leadingZeroBitCount) {
            var ordinal = 0
            let record = build(repeat sentinel((each Value).self, &ordinal, shift))
            ordinal = 0
            for field in repeat each fields {
                guard reads(field, from: record, &ordinal, shift) else {
                    throw SchemaError(
                        "\(field.name) does not read back what build was given in its place: are the fields in build's order?"
                    )
                }
            }
        }
    }
}

private func decode<Value: FieldValue>(
    _: Value.Type, _ rows: RowBatch, _ row: Int, _ column: inout Int
) throws(RecordError) -> Value {
    defer { column += 1 }
    guard let value = Value(rows[row, column], of: rows) else { throw RecordError(column: column) }
    return value
}

private func encode<Record, Value: FieldValue>(
    _ path: KeyPath<Record, Value>, of record: Record, _ rows: inout RowBatch, _ row: Int, _ column: inout Int
) {
    defer { column += 1 }
    record[keyPath: path].store(in: &rows, row: row, column: column)
}

private func sentinel<Value: FieldValue>(_: Value.Type, _ ordinal: inout Int, _ shift: Int) -> Value {
    defer { ordinal += 1 }
    return Value.sentinel(ordinal >> shift)
}

private func reads<Record, Value: FieldValue>(
    _ field: Field<Record, Value>, from record: Record, _ ordinal: inout Int, _ shift: Int
) -> Bool {
    defer { ordinal += 1 }
    return record[keyPath: field.path] == Value.sentinel(ordinal >> shift)
}
