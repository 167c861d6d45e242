import MartletModel

/// The records of one resource.
struct Board {
    let schema: ResourceSchema
    /// Batches of one row.
    private(set) var records: [Key: RowBatch] = [:]
    private var lastKey: Int64 = 0

    init(_ schema: ResourceSchema) {
        self.schema = schema
    }

    func keys(after key: Key?) -> [Key] {
        records.keys.filter { other in key.map { $0 < other } ?? true }.sorted()
    }

    func rows(_ keys: some Sequence<Key>) -> RowBatch {
        var rows = RowBatch(width: schema.width)
        for record in keys.compactMap({ records[$0] }) { rows.append(row: 0, of: record) }
        return rows
    }

    /// Without versions, as pages are.
    func page(_ keys: some Sequence<Key>, maxBytes: Int?) -> RowBatch {
        var rows = RowBatch(width: schema.width)
        for record in keys.compactMap({ records[$0] }) where !rows.endsPage(of: maxBytes) {
            rows.append(row: 0, of: record)
            rows.set(row: rows.count - 1, column: schema.versionIndex, to: .absent)
        }
        return rows
    }

    func count(_ filter: Filter) -> Int {
        records.values.count { filter.matches(row: 0, of: $0) }
    }

    /// A new record: the values with a key, if it is the storage's to give, and with what the client didn't say.
    mutating func completed(_ values: RowBatch, at time: Timestamp) -> RowBatch {
        var record = values
        if schema.key.key == .generated, schema.key.type == .integer {
            // Counted, not the greatest one plus one: the key of a deleted record is never given again.
            lastKey += 1
            record.set(row: 0, column: schema.keyIndex, to: .integer(lastKey))
        }
        for (column, field) in schema.fields.enumerated() where record[0, column].isAbsent {
            field.fill(&record, column, at: time)
        }
        return record
    }

    /// - Returns: the record as it is kept.
    @discardableResult
    mutating func put(_ record: RowBatch, _ version: Int64, at time: Timestamp) -> RowBatch {
        var record = record
        for (column, field) in schema.fields.enumerated() where field.managed == .updatedAt {
            record.set(row: 0, column: column, to: .timestamp(time))
        }
        record.set(row: 0, column: schema.versionIndex, to: .integer(version))
        if let key = schema.key(ofRow: 0, in: record) { records[key] = record }
        return record
    }

    mutating func remove(_ key: Key) {
        records[key] = nil
    }

    /// The columns of a record whose values others than the one with this key have, ascending.
    func takenColumns(of record: RowBatch, besides key: Key?) -> [Int] {
        var sets = schema.compounds.filter(\.isUnique).map { ($0.columns, Uniqueness.exact) }
        for (column, field) in schema.fields.enumerated() {
            guard let uniqueness = column == schema.keyIndex ? .exact : field.uniqueness else { continue }
            sets.append(([column], uniqueness))
        }
        let taken = sets.filter { columns, uniqueness in
            guard let values = record.comparable(columns, uniqueness) else { return false }
            return records.contains { $0.key != key && $0.value.comparable(columns, uniqueness) == values }
        }
        return Set(taken.flatMap(\.0)).sorted()
    }
}

extension RowBatch {
    /// Values of the first row in a form in which equal ones are equal. Nil with a null among them: it equals nothing.
    fileprivate func comparable(_ columns: [Int], _ uniqueness: Uniqueness) -> [[UInt8]]? {
        let cells = columns.map { self[0, $0] }
        guard !cells.contains(where: { $0.isNull || $0.isAbsent }) else { return nil }
        return cells.map { cell in
            guard cell.isInHeap else { return withUnsafeBytes(of: cell.bits) { Array($0) } }
            // Bytes, as Swift's strings take "é" and "e" with an accent for the same.
            return withBytes(of: cell) { bytes in
                switch uniqueness {
                case .exact: Array(bytes)
                case .ignoringASCIICase: bytes.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
                }
            }
        }
    }
}
