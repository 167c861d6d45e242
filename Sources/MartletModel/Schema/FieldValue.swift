/// A Swift type that a field can have.
public protocol FieldValue: Sendable, Equatable {
    static var valueType: ValueType { get }
    static var isNullable: Bool { get }

    /// The value in a cell; nil when the cell holds none of this type.
    init?(_ cell: Cell, of rows: RowBatch)

    func store(in rows: inout RowBatch, row: Int, column: Int)

    /// A value for field `ordinal` that differs from those of all others, with which ``Schema`` checks that its fields
    /// stand in the order in which the record's initialiser takes them.
    static func sentinel(_ ordinal: Int) -> Self
}

extension FieldValue {
    public static var isNullable: Bool { false }
}

extension Int64: FieldValue {
    public static var valueType: ValueType { .integer }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard let value = cell.integer else { return nil }
        self = value
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, to: .integer(self))
    }

    public static func sentinel(_ ordinal: Int) -> Int64 { Int64(ordinal) + 1 }
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

    public static func sentinel(_ ordinal: Int) -> String { "field \(ordinal)" }
}

/// A field that may be null.
extension Optional: FieldValue where Wrapped: FieldValue {
    public static var valueType: ValueType { Wrapped.valueType }
    public static var isNullable: Bool { true }

    public init?(_ cell: Cell, of rows: RowBatch) {
        if cell.isNull {
            self = .none
        } else if let value = Wrapped(cell, of: rows) {
            self = value
        } else {
            return nil
        }
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        if let self {
            self.store(in: &rows, row: row, column: column)
        } else {
            rows.set(row: row, column: column, to: .null)
        }
    }

    public static func sentinel(_ ordinal: Int) -> Wrapped? { Wrapped.sentinel(ordinal) }
}
