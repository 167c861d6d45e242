/// The records that a reference of other records leads to, to be shown in its place.
public struct EmbeddedRecords: Sendable {
    /// The reference's column.
    public let column: Int
    public let resource: ResourceSchema
    public let rows: RowBatch
    /// What references of these records lead to.
    public let nested: [EmbeddedRecords]
    private let rowByKey: [Key: Int]
    /// Bytes of each row, with what its references lead to.
    private let sizes: [Int]

    public init(in column: Int, _ resource: ResourceSchema, _ rows: RowBatch, nested: [EmbeddedRecords] = []) {
        (self.column, self.resource, self.rows, self.nested) = (column, resource, rows, nested)
        let keys = (0..<rows.count).compactMap { row in resource.key(ofRow: row, in: rows).map { ($0, row) } }
        rowByKey = Dictionary(keys) { first, _ in first }
        sizes = (0..<rows.count).map { row in
            nested.reduce(rows.byteCount(ofRow: row)) { $0 + $1.byteCount(for: rows[row, $1.column], of: rows) }
        }
    }

    /// Bytes of the record that is shown in the place of a reference's cell, with those that are shown in it.
    public func byteCount(for cell: Cell, of batch: RowBatch) -> Int {
        row(for: cell, of: batch).map { sizes[$0] } ?? 0
    }

    /// The same as JSON has them.
    package func escapedByteCount(for cell: Cell, of batch: RowBatch) -> Int {
        guard let row = row(for: cell, of: batch) else { return 0 }
        return nested.reduce(rows.escapedByteCount(ofRow: row)) {
            $0 + $1.escapedByteCount(for: rows[row, $1.column], of: rows)
        }
    }

    /// Whether a reference's cell, or a reference of the record that it leads to, leads to no record.
    public func isDangling(_ cell: Cell, of batch: RowBatch) -> Bool {
        guard let row = row(for: cell, of: batch) else { return Key(cell, of: batch) != nil }
        return nested.contains { $0.isDangling(rows[row, $0.column], of: rows) }
    }

    /// The row that a reference's cell means; nil for null, and for a record that is gone by now.
    public func row(for cell: Cell, of batch: RowBatch) -> Int? {
        Key(cell, of: batch).flatMap { rowByKey[$0] }
    }
}

extension EmbeddedRecords: Equatable {
    public static func == (a: EmbeddedRecords, b: EmbeddedRecords) -> Bool {
        a.column == b.column && a.resource === b.resource && a.rows == b.rows && a.nested == b.nested
    }
}
