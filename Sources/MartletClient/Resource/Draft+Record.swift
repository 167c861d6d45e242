import MartletModel

extension Draft {
    /// Every field of a record that a client may write when it creates one: all but those that the server sets.
    public init(_ record: M) {
        self.init(fields: M.row(of: record)) { !$0.isReadOnly }
    }

    /// The whole record, as PUT has it: without a field that is only written and that nobody has set, which then stays
    /// as it is.
    init(replacing record: M) {
        self.init(fields: M.row(of: record)) { _ in true }
    }

    /// The fields in which `changed` differs from `original`.
    init(from original: M, to changed: M) {
        let before = M.row(of: original)
        self.init()
        let after = M.row(of: changed)
        for column in M.schema.resource.fields.indices where before.value(in: column) != after.value(in: column) {
            rows.set(row: 0, column: column, to: after[0, column], of: after)
        }
    }

    var isEmpty: Bool { references.isEmpty && rows.cells.allSatisfy(\.isAbsent) }

    private init(fields row: RowBatch, where isSent: (FieldSchema) -> Bool) {
        self.init()
        for (column, field) in M.schema.resource.fields.enumerated() where isSent(field) {
            if field.isWriteOnly, row.value(in: column) == field.unknownValue { continue }
            rows.set(row: 0, column: column, to: row[0, column], of: row)
        }
    }
}

extension Model {
    /// One row with all fields of a record.
    static func row(of record: Self) -> RowBatch {
        var row = RowBatch(width: schema.resource.width)
        schema.append(record, to: &row)
        return row
    }

    static func key(of record: Self) -> Key {
        guard let key = schema.resource.key(ofRow: 0, in: row(of: record)) else {
            preconditionFailure("a schema's key is an integer, a string or a UUID")
        }
        return key
    }
}

extension RowBatch {
    /// The first row's value in a column, in a batch of its own.
    fileprivate func value(in column: Int) -> RowBatch {
        var value = RowBatch(width: 1)
        value.append(self[0, column], of: self)
        return value
    }
}
