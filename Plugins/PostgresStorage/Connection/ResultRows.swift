import CPostgres
import MartletKernel
import MartletModel

/// The rows of a result, whose values are in binary: read where libpq has them, for as long as it has them.
struct ResultRows {
    let result: OpaquePointer

    /// The statement was a commit, and it was done.
    var isOfCommit: Bool { String(cString: pq_cmdStatus(result)) == Commands.commitText }

    var count: Int { Int(pq_ntuples(result)) }

    /// As many rows as the server says at their end. Nil where it doesn't say.
    var statedCount: Int? { Int(String(cString: pq_cmdTuples(result))) }

    @inline(__always)
    func isNull(_ row: Int, _ column: Int) -> Bool {
        pq_getisnull(result, Int32(row), Int32(column)) == 1
    }

    @inline(__always)
    func bytes(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
        let count = Int(pq_getlength(result, Int32(row), Int32(column)))
        return UnsafeRawBufferPointer(start: pq_getvalue(result, Int32(row), Int32(column)), count: count)
    }

    /// All rows.
    /// - Parameter tags: what each column of the batch holds; absent are those that were not selected.
    func batch(_ tags: [Cell.Tag]) throws(PostgresError) -> RowBatch {
        var rows = RowBatch(width: tags.count, reservingRows: count, bytes: count * 64)
        var limit = RowLimit()
        try append(to: &rows, tags, &limit)
        return rows
    }

    /// Adds the rows to a batch, as far as its limit lets it grow.
    func append(to rows: inout RowBatch, _ tags: [Cell.Tag], _ limit: inout RowLimit) throws(PostgresError) {
        try check(tags)
        for row in 0..<count where !limit.isReached {
            var column = 0
            for tag in tags {
                guard tag != .absent else {
                    rows.append(.absent)
                    continue
                }
                try append(row, column, tag, to: &rows, limit.keyColumn)
                column += 1
            }
            try limit.count(rows)
        }
    }

    /// The server says of each result what types it has: somebody may have changed a table since it was looked at.
    private func check(_ tags: [Cell.Tag]) throws(PostgresError) {
        let selected = tags.count { $0 != .absent }
        guard Int(pq_nfields(result)) == selected else {
            throw .changedStatement(Int(pq_nfields(result)), insteadOf: selected)
        }
        var column: Int32 = 0
        for tag in tags where tag != .absent {
            guard pq_ftype(result, column) == Oid(ObjectID.of(tag)) else {
                throw .changedColumn(name(column), "has another type than its field")
            }
            column += 1
        }
    }

    private func name(_ column: Int32) -> String { pq_fname(result, column).map { String(cString: $0) } ?? "" }

    private func append(
        _ row: Int, _ column: Int, _ tag: Cell.Tag, to rows: inout RowBatch, _ keyColumn: String?
    ) throws(PostgresError) {
        guard !isNull(row, column) else { return rows.append(.null) }
        let bytes = bytes(row, column)
        switch tag {
        case .json where !JSONValue.isJSON(bytes):
            throw .unreadable("a text that isn't JSON", in: name(Int32(column)), key(row, keyColumn))
        case .string, .json, .bytes:
            // A batch has room for that much and no more.
            guard rows.byteCount + bytes.count < Int(UInt32.max) else { throw .overloaded }
            return rows.append(tag, bytes)
        case .uuid where bytes.count == 16: return rows.append(tag, bytes)
        default: break
        }
        guard let cell = Self.cell(tag, bytes) else {
            throw .unreadable("a value", in: name(Int32(column)), key(row, keyColumn))
        }
        rows.append(cell)
    }

    /// The key of a row's record, if the row has it.
    private func key(_ row: Int, _ column: String?) -> String? {
        guard let index = (0..<pq_nfields(result)).first(where: { name($0) == column }) else { return nil }
        let bytes = bytes(row, Int(index))
        switch pq_ftype(result, index) {
        case Oid(ObjectID.bigint): return bytes.bigEndian(Int64.self).map(String.init)
        case Oid(ObjectID.uuid):
            var rows = RowBatch(width: 1)
            rows.append(.uuid, bytes)
            return Key(rows[0, 0], of: rows)?.description
        default: return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// Of those that don't lie in the heap. Nil for what no field can hold: infinite times, say, of which the tables' checks
    /// know.
    private static func cell(_ tag: Cell.Tag, _ bytes: UnsafeRawBufferPointer) -> Cell? {
        switch tag {
        case .integer: bytes.bigEndian(Int64.self).map(Cell.integer)
        case .number:
            bytes.bigEndian(UInt64.self).map(Double.init(bitPattern:)).flatMap { $0.isFinite ? Cell.number($0) : nil }
        case .boolean: bytes.count == 1 ? Cell.boolean(bytes[0] == 1) : nil
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

/// How far a batch of rows may grow.
struct RowLimit {
    /// Results that are smaller aren't counted.
    private static let uncounted = 16 << 10
    /// The budget is asked for so much at a time.
    private static let step = 64 << 10

    private let maxBytes: Int?
    private let reservation: BufferReservation?
    private var reserved = 0
    /// The column with the records' keys, for errors.
    let keyColumn: String?
    /// The last row has exceeded it: no more are wanted.
    private(set) var isReached = false

    init() {
        (maxBytes, reservation, keyColumn) = (nil, nil, nil)
    }

    init(_ query: Query?) {
        (maxBytes, reservation) = (query?.maxBytes, query?.reservation)
        keyColumn = query?.resource.key.column
    }

    /// - Parameter rows: with one more than before.
    mutating func count(_ rows: RowBatch) throws(PostgresError) {
        let bytes = rows.byteCount
        if let maxBytes, bytes > maxBytes, rows.count >= 2 { isReached = true }
        guard let reservation, bytes > max(reserved, Self.uncounted) else { return }
        let wanted = (bytes + Self.step - 1) / Self.step * Self.step
        guard reservation.grow(by: wanted - reserved) else { throw .overloaded }
        reserved = wanted
    }
}
