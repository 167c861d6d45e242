public import FoundationEssentials

extension Int64: FieldValue {
    public static var valueType: ValueType { .integer }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard let value = cell.integer else { return nil }
        self = value
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, to: .integer(self))
    }

    public static func sentinel(_ number: Int) -> Int64 { Int64(number) + 1 }
}

/// Finite: JSON has no other.
extension Double: FieldValue {
    public static var valueType: ValueType { .number }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard let value = cell.number else { return nil }
        self = value
    }

    /// What isn't finite becomes null, which no field that isn't nullable takes.
    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, to: isFinite ? .number(self) : .null)
    }

    public static func sentinel(_ number: Int) -> Double { Double(number) + 0.5 }
}

extension String: FieldValue {
    public static var valueType: ValueType { .string }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard let value = rows.string(of: cell) else { return nil }
        self = value
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, to: self)
    }

    public static func sentinel(_ number: Int) -> String { "field \(number)" }
}

extension Bool: FieldValue {
    public static var valueType: ValueType { .boolean }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard let value = cell.boolean else { return nil }
        self = value
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, to: .boolean(self))
    }

    public static func sentinel(_ number: Int) -> Bool { number & 1 == 1 }
}

extension Timestamp: FieldValue {
    public static var valueType: ValueType { .timestamp }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard let value = cell.timestamp else { return nil }
        self = value
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, to: .timestamp(self))
    }

    public static func sentinel(_ number: Int) -> Timestamp {
        Timestamp(clamping: Int64(number))
    }
}

extension CalendarDate: FieldValue {
    public static var valueType: ValueType { .date }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard let value = cell.date else { return nil }
        self = value
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, to: .date(self))
    }

    public static func sentinel(_ number: Int) -> CalendarDate {
        CalendarDate(clamping: Int64(number))
    }
}

extension UUID: FieldValue {
    public static var valueType: ValueType { .uuid }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard cell.tag == .uuid else { return nil }
        self = rows.withBytes(of: cell) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        withUnsafeBytes(of: uuid) { rows.set(row: row, column: column, to: .uuid, $0) }
    }

    public static func sentinel(_ number: Int) -> UUID {
        let byte = UInt8(truncatingIfNeeded: number)
        return UUID(
            uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8(truncatingIfNeeded: number >> 8), byte))
    }
}

extension UUID {
    /// - Parameter text: 36 characters of UTF-8, in any case.
    package init?(text: UnsafeRawBufferPointer) {
        var value: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isValid = withUnsafeMutableBytes(of: &value) { UUIDText.parse(text, to: $0) }
        guard isValid else { return nil }
        self.init(uuid: value)
    }

    package var bytes: [UInt8] { withUnsafeBytes(of: uuid) { Array($0) } }

    /// In lower case, as JSON and paths have it.
    package var text: String {
        withUnsafeBytes(of: uuid) { UUIDText.text(of: $0) }
    }
}

extension Array: FieldValue where Element == UInt8 {
    public static var valueType: ValueType { .bytes }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard cell.tag == .bytes else { return nil }
        self = rows.withBytes(of: cell) { Array($0) }
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        withUnsafeBytes { rows.set(row: row, column: column, to: .bytes, $0) }
    }

    public static func sentinel(_ number: Int) -> [UInt8] { Array("\(number)".utf8) }
}

/// Null means that the field is null: a field that can hold any JSON is a `JSONValue?`.
extension JSONValue: FieldValue {
    public static var valueType: ValueType { .json }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard cell.tag == .json else { return nil }
        let value = rows.withBytes(of: cell) { text in try? JSONValue(json: text) }
        guard let value else { return nil }
        self = value
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, json: self)
    }

    public static func sentinel(_ number: Int) -> JSONValue { .integer(number) }
}
