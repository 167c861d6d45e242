import MartletKernel
import MartletModel

/// The records of one resource.
struct MemoryTable {
    struct Refused: Error {
        let reason: Refusal.Reason
    }

    private let schema: ResourceSchema
    /// Batches of one row, in the order of their keys: new keys are the highest.
    private var records: [RowBatch] = []
    private var lastKey: Int64 = 0

    init(_ schema: ResourceSchema) {
        self.schema = schema
    }

    /// The record with this key, or no row.
    func rows(_ key: Key) -> RowBatch {
        guard let place = place(of: key) else { return RowBatch(width: schema.fields.count) }
        return records[place]
    }

    func page(after: Key?, limit: Int) -> RowBatch {
        var page = RowBatch(width: schema.fields.count)
        for record in records where page.count < limit {
            guard let key = schema.key(ofRow: 0, in: record) else { continue }
            if let after, key <= after { continue }
            page.append(row: 0, of: record)
        }
        return page
    }

    /// The record as it is after the change, or as it was when it was deleted.
    mutating func apply(_ change: Mutation.Change) throws(Refused) -> RowBatch {
        switch change {
        case .insert(let row): try insert(row.cells)
        case .update(let key, let row): try update(key, row.cells)
        case .delete(let key): try delete(key)
        }
    }

    private mutating func insert(_ row: RowBatch) throws(Refused) -> RowBatch {
        try refuseTakenValues(in: row, besides: nil)
        lastKey += 1
        var record = row
        record.set(row: 0, column: schema.keyIndex, to: .integer(lastKey))
        records.append(record)
        return record
    }

    private mutating func update(_ key: Key, _ changes: RowBatch) throws(Refused) -> RowBatch {
        guard let place = place(of: key) else { throw Refused(reason: .notFound) }
        try refuseTakenValues(in: changes, besides: place)
        var record = RowBatch(width: schema.fields.count)
        for column in schema.fields.indices {
            let source = changes[0, column].isAbsent ? records[place] : changes
            record.append(source[0, column], of: source)
        }
        records[place] = record
        return record
    }

    private mutating func delete(_ key: Key) throws(Refused) -> RowBatch {
        guard let place = place(of: key) else { throw Refused(reason: .notFound) }
        return records.remove(at: place)
    }

    private func place(of key: Key) -> Int? {
        records.firstIndex { schema.key(ofRow: 0, in: $0) == key }
    }

    private func refuseTakenValues(in row: RowBatch, besides place: Int?) throws(Refused) {
        let taken = schema.fields.indices.filter { column in
            guard let uniqueness = schema.fields[column].uniqueness else { return false }
            return records.indices.contains { other in
                other != place && isSame(row, records[other], column, uniqueness)
            }
        }
        guard taken.isEmpty else { throw Refused(reason: .uniqueTaken(taken)) }
    }

    /// Whether two rows hold the same value. Null equals nothing, as in SQL; neither does what is absent.
    private func isSame(_ a: RowBatch, _ b: RowBatch, _ column: Int, _ uniqueness: Uniqueness) -> Bool {
        switch (a[0, column].tag, b[0, column].tag) {
        case (.integer, .integer):
            a[0, column].integer == b[0, column].integer
        case (.string, .string):
            // Bytes, not `String`s: to Swift "é" and "e" with an accent behind it are equal.
            a[0, column].length == b[0, column].length
                && canonicalBytes(a, column, uniqueness) == canonicalBytes(b, column, uniqueness)
        default:
            false
        }
    }

    private func canonicalBytes(_ row: RowBatch, _ column: Int, _ uniqueness: Uniqueness) -> [UInt8] {
        row.withBytes(of: row[0, column]) { bytes in
            switch uniqueness {
            case .exact: Array(bytes)
            case .ignoringASCIICase: bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 + 32 : $0 }
            }
        }
    }
}

extension RowBatch {
    /// Copies a cell of another batch to the end of this one.
    fileprivate mutating func append(_ cell: Cell, of other: RowBatch) {
        if cell.tag == .string {
            other.withBytes(of: cell) { append(utf8: $0) }
        } else {
            append(cell)
        }
    }
}
