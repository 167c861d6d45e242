import MartletKernel
import MartletModel

/// The records of one resource.
struct MemoryTable {
    let schema: ResourceSchema
    /// Batches of one row, in the order of their keys.
    private(set) var records: [RowBatch] = []
    /// Those of ``records``.
    private var keys: [Key] = []
    private var lastKey: Int64 = 0

    init(_ schema: ResourceSchema) {
        self.schema = schema
    }

    /// The record with this key, or no row.
    func rows(_ key: Key) -> RowBatch {
        let (place, isThere) = place(of: key)
        return isThere ? records[place] : RowBatch(width: schema.width)
    }

    func contains(_ key: Key) -> Bool {
        place(of: key).isThere
    }

    func page(after: Key?, limit: Int, maxBytes: Int?) -> RowBatch {
        var page = RowBatch(width: schema.width)
        var start = 0
        if let after {
            let (place, isThere) = place(of: after)
            start = isThere ? place + 1 : place
        }
        for record in records[start...].prefix(max(limit, 0)) where !page.endsPage(of: maxBytes) {
            page.append(row: 0, of: record)
            page.set(row: page.count - 1, column: schema.versionIndex, to: .absent)
        }
        return page
    }

    /// All records.
    var rows: RowBatch {
        var rows = RowBatch(width: schema.width, reservingRows: records.count)
        for record in records { rows.append(row: 0, of: record) }
        return rows
    }

    func version(of record: RowBatch) -> Int64 {
        record[0, schema.versionIndex].integer ?? 0
    }

    func key(of record: RowBatch) -> Key {
        schema.key(ofRow: 0, in: record) ?? .integer(0)
    }

    // MARK: - Changes, already found to be possible

    /// A new record of these values: a key, if it is the storage's to give, and what the client didn't say.
    mutating func completed(_ row: RowBatch, at time: Timestamp, _ version: Int64) -> RowBatch {
        var record = row
        if schema.key.key == .generated, schema.key.type == .integer {
            lastKey += 1
            record.set(row: 0, column: schema.keyIndex, to: .integer(lastKey))
        }
        for column in schema.fields.indices where record[0, column].isAbsent {
            schema.fields[column].fill(&record, column, at: time)
        }
        record.set(row: 0, column: schema.versionIndex, to: .integer(version))
        return record
    }

    mutating func put(_ record: RowBatch) {
        let key = key(of: record)
        let (place, isThere) = place(of: key)
        if isThere {
            records[place] = record
        } else {
            records.insert(record, at: place)
            keys.insert(key, at: place)
        }
    }

    mutating func remove(_ key: Key) {
        let (place, isThere) = place(of: key)
        guard isThere else { return }
        records.remove(at: place)
        keys.remove(at: place)
    }

    /// Where the record with a key is, or would be.
    private func place(of key: Key) -> (place: Int, isThere: Bool) {
        var range = 0..<keys.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if keys[middle] == key { return (middle, true) }
            range = keys[middle] < key ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return (range.lowerBound, false)
    }
}

// MARK: - Uniqueness

extension MemoryTable {
    /// The columns of a record whose values others have, ascending.
    /// - Parameter key: of the record that may have them; nil for a new one.
    func takenColumns(of record: RowBatch, besides key: Key?) -> [Int] {
        var taken: Set<Int> = []
        for column in schema.fields.indices {
            let uniqueness = column == schema.keyIndex ? .exact : schema.fields[column].uniqueness
            guard let uniqueness, isTaken(record, [column], uniqueness, besides: key) else { continue }
            taken.insert(column)
        }
        for compound in schema.compounds where compound.isUnique {
            if isTaken(record, compound.columns, .exact, besides: key) { taken.formUnion(compound.columns) }
        }
        return taken.sorted()
    }

    private func isTaken(_ record: RowBatch, _ columns: [Int], _ uniqueness: Uniqueness, besides key: Key?) -> Bool {
        records.indices.contains { place in
            columns.allSatisfy { isSame(record, records[place], $0, uniqueness) } && keys[place] != key
        }
    }

    /// Whether two rows hold the same value. Null equals nothing, as in SQL; neither does what is absent.
    private func isSame(_ a: RowBatch, _ b: RowBatch, _ column: Int, _ uniqueness: Uniqueness) -> Bool {
        let (cell, other) = (a[0, column], b[0, column])
        guard cell.tag == other.tag, !cell.isNull, !cell.isAbsent else { return false }
        guard cell.isInHeap else { return cell.bits == other.bits }
        return canonicalBytes(a, column, uniqueness) == canonicalBytes(b, column, uniqueness)
    }

    /// Bytes, not `String`s: to Swift "é" and "e" with an accent behind it are equal.
    private func canonicalBytes(_ row: RowBatch, _ column: Int, _ uniqueness: Uniqueness) -> [UInt8] {
        row.withBytes(of: row[0, column]) { bytes in
            switch uniqueness {
            case .exact: Array(bytes)
            case .ignoringASCIICase: bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 + 32 : $0 }
            }
        }
    }
}
