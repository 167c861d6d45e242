import CPostgres
import MartletModel

/// The rows of a result, whose values are in binary: read where libpq has them, for as long as it has them.
struct ResultRows {
    let result: OpaquePointer

    /// The statement was a commit, and it was done.
    var isOfCommit: Bool { String(cString: pq_cmdStatus(result)) == Commands.commitText }

    var count: Int { Int(pq_ntuples(result)) }

    func isNull(_ row: Int, _ column: Int) -> Bool {
        pq_getisnull(result, Int32(row), Int32(column)) == 1
    }

    func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        let count = Int(pq_getlength(result, Int32(row), Int32(column)))
        return UnsafeRawBufferPointer(start: pq_getvalue(result, Int32(row), Int32(column)), count: count)
    }

    /// All rows.
    /// - Parameter tags: what each column of the batch holds; absent are those that were not selected.
    func batch(_ tags: [Cell.Tag]) throws(PostgresError) -> RowBatch {
        let selected = tags.count { $0 != .absent }
        guard Int(pq_nfields(result)) == selected else {
            throw .bug("\(pq_nfields(result)) columns instead of \(selected)")
        }
        var rows = RowBatch(width: tags.count, reservingRows: count, bytes: count * 64)
        for row in 0..<count {
            var column = 0
            for tag in tags {
                guard tag != .absent else {
                    rows.append(.absent)
                    continue
                }
                try append(row, column, tag, to: &rows)
                column += 1
            }
        }
        return rows
    }

    private func append(_ row: Int, _ column: Int, _ tag: Cell.Tag, to rows: inout RowBatch) throws(PostgresError) {
        guard !isNull(row, column) else { return rows.append(.null) }
        let bytes = bytes(row, column)
        switch tag {
        case .string, .json, .bytes: return rows.append(tag, bytes)
        case .uuid where bytes.count == 16: return rows.append(tag, bytes)
        default: break
        }
        guard let cell = Self.cell(tag, bytes) else {
            throw .bug("column \(column) holds a value that its field can't have")
        }
        rows.append(cell)
    }

    /// Of those that don't lie in the heap. Nil for what no field can hold: infinite times, say, of which the tables' checks
    /// know.
    private static func cell(_ tag: Cell.Tag, _ bytes: UnsafeRawBufferPointer) -> Cell? {
        switch tag {
        case .integer: bytes.bigEndian(Int64.self).map(Cell.integer)
        case .number:
            bytes.bigEndian(UInt64.self).map(Double.init(bitPattern:)).flatMap { $0.isFinite ? Cell.number($0) : nil }
        case .boolean: bytes.first.map { Cell.boolean($0 == 1) }
        case .timestamp:
            bytes.bigEndian(Int64.self).flatMap { value in
                let (time, overflows) = value.addingReportingOverflow(PostgresEpoch.microseconds)
                return overflows ? nil : Timestamp(microsecondsSince1970: time).map(Cell.timestamp)
            }
        case .date:
            bytes.bigEndian(Int32.self).flatMap {
                CalendarDate(daysSince1970: Int64($0) + PostgresEpoch.days).map(Cell.date)
            }
        case .absent, .null, .string, .uuid, .bytes, .json: nil
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Nil for any other number of bytes.
    func bigEndian<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        count == MemoryLayout<Value>.size ? Value(bigEndian: loadUnaligned(as: Value.self)) : nil
    }
}
