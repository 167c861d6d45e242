import MartletKernel
import MartletModel

/// A statement's parameters in the database's binary form
/// (<https://www.postgresql.org/docs/current/protocol-message-formats.html>, Bind): big-endian.
struct Parameters {
    /// All values, one after the other.
    private(set) var bytes: [UInt8] = []
    /// Where each begins, and how long it is: -1 is null. Lengths are clamped: PostgreSQL takes no value of more than 1 GiB.
    private(set) var places: [(offset: Int, length: Int32)] = []

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        places.removeAll(keepingCapacity: true)
    }

    mutating func appendNull() {
        places.append((0, -1))
    }

    mutating func append(_ value: Int64) {
        append(fixed: value)
    }

    mutating func append(_ value: Bool) {
        places.append((bytes.count, 1))
        bytes.append(value ? 1 : 0)
    }

    mutating func append(_ text: String) {
        places.append((bytes.count, Int32(clamping: text.utf8.count)))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ value: [UInt8]) {
        places.append((bytes.count, Int32(clamping: value.count)))
        bytes.append(contentsOf: value)
    }

    mutating func append(_ value: UnsafeRawBufferPointer) {
        places.append((bytes.count, Int32(clamping: value.count)))
        bytes.append(contentsOf: value)
    }

    mutating func append(_ time: Timestamp) {
        append(time.microsecondsSince1970 - PostgresEpoch.microseconds)
    }

    mutating func append(_ key: Key) {
        switch key {
        case .integer(let value): append(value)
        case .string(let value): append(value)
        case .uuid(let value): append(value.bytes)
        }
    }

    /// An array of integers; null for nil.
    mutating func append(_ values: [Int64]?) {
        guard let values else { return appendNull() }
        let offset = bytes.count
        appendHeader(ObjectID.bigint, values.count)
        for value in values {
            bytes.append(bigEndian: Int32(8))
            bytes.append(bigEndian: value)
        }
        places.append((offset, Int32(clamping: bytes.count - offset)))
    }

    /// An array of the rows of a batch of one column, none of them null.
    mutating func append(arrayOf tag: Cell.Tag, _ values: RowBatch) {
        let (offset, place) = (bytes.count, places.count)
        appendHeader(ObjectID.of(tag), values.count)
        for row in 0..<values.count {
            let start = bytes.count
            bytes.append(bigEndian: Int32(0))
            append(values[row, 0], of: values)
            // Its length was not known before.
            let length = Int32(clamping: bytes.count - start - 4)
            withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
        }
        places.removeSubrange(place...)
        places.append((offset, Int32(clamping: bytes.count - offset)))
    }

    /// An array's dimensions, whether it has nulls, its elements' type; of the one dimension its length and lower bound.
    private mutating func appendHeader(_ type: Int32, _ count: Int) {
        for word in count == 0 ? [0, 0, type] : [1, 0, type, Int32(clamping: count), 1] {
            bytes.append(bigEndian: word)
        }
    }

    /// A cell; an absent one as null.
    mutating func append(_ cell: Cell, of rows: RowBatch) {
        switch cell.tag {
        case .absent, .null: appendNull()
        case .integer: append(fixed: Int64(bitPattern: cell.bits))
        case .number: append(fixed: cell.bits)
        case .boolean: append(cell.bits != 0)
        case .timestamp: append(fixed: Int64(bitPattern: cell.bits) - PostgresEpoch.microseconds)
        case .date: append(fixed: Int32(Int64(bitPattern: cell.bits) - PostgresEpoch.days))
        case .string, .uuid, .bytes, .json: rows.withBytes(of: cell) { append($0) }
        }
    }

    private mutating func append(fixed value: some FixedWidthInteger) {
        places.append((bytes.count, Int32(value.bitWidth / 8)))
        bytes.append(bigEndian: value)
    }
}

/// 2000-01-01, from which the database counts.
enum PostgresEpoch {
    /// Since 1970.
    static let days: Int64 = 10_957
    /// Since 1970.
    static let microseconds = days * 86_400_000_000
}

extension [UInt8] {
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}

/// The types of parameters, by the numbers that they have in every database
/// (<https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat>).
enum ObjectID {
    static let boolean: Int32 = 16
    static let bytea: Int32 = 17
    static let bigint: Int32 = 20
    static let text: Int32 = 25
    static let double: Int32 = 701
    static let bigintArray: Int32 = 1016
    static let date: Int32 = 1082
    static let timestamptz: Int32 = 1184
    static let uuid: Int32 = 2950

    static func of(_ type: ValueType) -> Int32 { of(type.tag) }

    /// Of what a cell holds.
    static func of(_ tag: Cell.Tag) -> Int32 {
        switch tag {
        case .integer: bigint
        case .number: double
        case .string, .json, .absent, .null: text
        case .boolean: boolean
        case .timestamp: timestamptz
        case .date: date
        case .uuid: uuid
        case .bytes: bytea
        }
    }

    static func ofArray(_ tag: Cell.Tag) -> Int32 {
        switch tag {
        case .integer: bigintArray
        case .number: 1022
        case .string, .json, .absent, .null: 1009
        case .boolean: 1000
        case .timestamp: 1185
        case .date: 1182
        case .uuid: 2951
        case .bytes: 1001
        }
    }
}
