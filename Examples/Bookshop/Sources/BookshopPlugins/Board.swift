import MartletKernel
import MartletModel

/// The records of one resource, in the order of their keys. A copy is a snapshot.
struct Board {
    struct Refused: Error {
        let reason: Refusal.Reason
    }

    private(set) var records: [(key: Key, row: RowBatch)] = []
    private var lastKey: Int64 = 0

    func place(of key: Key) -> Int? {
        let place = records.firstIndex { $0.key >= key }
        return place.flatMap { records[$0].key == key ? $0 : nil }
    }

    func firstPlace(behind key: Key?) -> Int {
        guard let key else { return 0 }
        return records.firstIndex { $0.key > key } ?? records.endIndex
    }

    /// - Returns: the record as it is now, or as it was when it was deleted.
    mutating func apply(_ mutation: Mutation) throws(Refused) -> RowBatch {
        let schema = mutation.resource
        switch mutation.change {
        case .insert(let new):
            try refuseTaken(new.cells, schema, besides: nil)
            lastKey += 1
            var row = new.cells
            row.set(row: 0, column: schema.keyIndex, to: .integer(lastKey))
            records.append((.integer(lastKey), row))
            return row
        case .update(let key, let changes):
            guard let place = place(of: key) else { throw Refused(reason: .notFound) }
            try refuseTaken(changes.cells, schema, besides: key)
            records[place].row = records[place].row.updated(with: changes.cells)
            return records[place].row
        case .delete(let key):
            guard let place = place(of: key) else { throw Refused(reason: .notFound) }
            return records.remove(at: place).row
        }
    }

    private func refuseTaken(_ row: RowBatch, _ schema: ResourceSchema, besides key: Key?) throws(Refused) {
        let taken = schema.fields.indices.filter { column in
            guard let uniqueness = schema.fields[column].uniqueness,
                let value = row.comparable(column, uniqueness)
            else { return false }
            return records.contains { $0.key != key && $0.row.comparable(column, uniqueness) == value }
        }
        guard taken.isEmpty else { throw Refused(reason: .uniqueTaken(taken)) }
    }
}

extension RowBatch {
    /// The first row, with the cells of the other one that are there.
    fileprivate func updated(with changes: RowBatch) -> RowBatch {
        var row = RowBatch(width: width)
        for column in 0..<width {
            let source = changes[0, column].isAbsent ? self : changes
            let cell = source[0, column]
            if cell.tag == .string {
                source.withBytes(of: cell) { row.append(utf8: $0) }
            } else {
                row.append(cell)
            }
        }
        return row
    }

    /// A value of the first row in a form in which equal ones are equal. Nil for none: it equals nothing.
    fileprivate func comparable(_ column: Int, _ uniqueness: Uniqueness) -> [UInt8]? {
        let cell = self[0, column]
        if let integer = cell.integer { return Array("\(integer)".utf8) }
        guard cell.tag == .string else { return nil }
        // Bytes, as Swift's strings take "é" and "e" with an accent for the same.
        return withBytes(of: cell) { bytes in
            switch uniqueness {
            case .exact: Array(bytes)
            case .ignoringASCIICase: bytes.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
            }
        }
    }
}
