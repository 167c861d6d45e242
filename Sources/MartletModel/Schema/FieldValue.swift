/// A Swift type that a field can have.
///
/// An enumeration of strings needs nothing but to say so: `enum Status: String, EnumerationValue { case open, done }`.
public protocol FieldValue: Sendable, Equatable {
    static var valueType: ValueType { get }
    static var isNullable: Bool { get }
    /// What an enumeration can be; else empty.
    static var enumerationValues: [String] { get }

    /// The value in a cell; nil when the cell holds none of this type.
    init?(_ cell: Cell, of rows: RowBatch)

    func store(in rows: inout RowBatch, row: Int, column: Int)

    /// A value for a number, with which ``Schema`` checks that its fields stand in the order in which the record's
    /// initialiser takes them. Of two numbers that follow each other it must be different ones.
    static func sentinel(_ number: Int) -> Self
}

extension FieldValue {
    public static var isNullable: Bool { false }
    public static var enumerationValues: [String] { [] }
}

/// A field that may be null.
extension Optional: FieldValue where Wrapped: FieldValue {
    public static var valueType: ValueType { Wrapped.valueType }
    public static var isNullable: Bool { true }
    public static var enumerationValues: [String] { Wrapped.enumerationValues }

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

    public static func sentinel(_ number: Int) -> Wrapped? { Wrapped.sentinel(number) }
}

/// A Swift enumeration that is the type of a field: one of its raw values.
public protocol EnumerationValue: FieldValue, RawRepresentable<String>, CaseIterable {}

extension EnumerationValue {
    public static var valueType: ValueType { .enumeration }
    public static var enumerationValues: [String] { allCases.map(\.rawValue) }

    public init?(_ cell: Cell, of rows: RowBatch) {
        guard let text = rows.string(of: cell), let value = Self(rawValue: text) else { return nil }
        self = value
    }

    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        rows.set(row: row, column: column, to: rawValue)
    }

    public static func sentinel(_ number: Int) -> Self {
        let cases = Array(allCases)
        return cases[number % cases.count]
    }
}
