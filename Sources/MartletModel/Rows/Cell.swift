/// One value of a row in 16 bytes: what it is, and either the value itself or where its bytes lie in the heap of its ``RowBatch``.
///
/// | tag | `length` | `bits` |
/// |---|---|---|
/// | ``Tag/absent`` | 0 | 0: the field was not given (a patch leaves it as it is) |
/// | ``Tag/null`` | 0 | 0 |
/// | ``Tag/integer`` | 0 | the two's complement of the `Int64` |
/// | ``Tag/number`` | 0 | the bit pattern of the `Double`, finite and not -0.0 |
/// | ``Tag/boolean`` | 0 | 0 or 1 |
/// | ``Tag/timestamp`` | 0 | microseconds since 1970, as an integer |
/// | ``Tag/date`` | 0 | days since 1970, as an integer |
/// | ``Tag/string`` | bytes of UTF-8 | offset of the first one in the heap |
/// | ``Tag/uuid`` | 16 | the same |
/// | ``Tag/bytes`` | bytes | the same |
/// | ``Tag/json`` | bytes of canonical JSON | the same |
@frozen
public struct Cell: Sendable {
    /// Those whose bytes lie in the heap come last.
    @frozen
    public enum Tag: UInt8, Sendable {
        case absent, null, integer, number, boolean, timestamp, date
        case string, uuid, bytes, json
    }

    public let tag: Tag
    public let length: UInt32
    public let bits: UInt64

    @inlinable
    init(_ tag: Tag, length: UInt32 = 0, bits: UInt64 = 0) {
        self.tag = tag
        self.length = length
        self.bits = bits
    }

    public static var absent: Cell { Cell(.absent) }
    public static var null: Cell { Cell(.null) }

    @inlinable
    public static func integer(_ value: Int64) -> Cell {
        Cell(.integer, bits: UInt64(bitPattern: value))
    }

    /// - Parameter value: finite. -0.0 becomes 0.0, as no database keeps it.
    @inlinable
    public static func number(_ value: Double) -> Cell {
        Cell(.number, bits: (value == 0 ? 0 : value).bitPattern)
    }

    @inlinable
    public static func boolean(_ value: Bool) -> Cell {
        Cell(.boolean, bits: value ? 1 : 0)
    }

    public static func timestamp(_ value: Timestamp) -> Cell {
        Cell(.timestamp, bits: UInt64(bitPattern: value.microsecondsSince1970))
    }

    public static func date(_ value: CalendarDate) -> Cell {
        Cell(.date, bits: UInt64(bitPattern: value.daysSince1970))
    }

    /// The integer of an ``Tag/integer`` cell, else nil.
    @inlinable
    public var integer: Int64? {
        tag == .integer ? Int64(bitPattern: bits) : nil
    }

    /// The number of a ``Tag/number`` cell, else nil.
    @inlinable
    public var number: Double? {
        tag == .number ? Double(bitPattern: bits) : nil
    }

    /// The value of a ``Tag/boolean`` cell, else nil.
    @inlinable
    public var boolean: Bool? {
        tag == .boolean ? bits != 0 : nil
    }

    public var timestamp: Timestamp? {
        tag == .timestamp ? Timestamp(microsecondsSince1970: Int64(bitPattern: bits)) : nil
    }

    public var date: CalendarDate? {
        tag == .date ? CalendarDate(daysSince1970: Int64(bitPattern: bits)) : nil
    }

    @inlinable
    public var isAbsent: Bool { tag == .absent }

    @inlinable
    public var isNull: Bool { tag == .null }

    /// Whether its bytes are in the heap of its batch.
    @inlinable
    public var isInHeap: Bool { tag.rawValue >= Tag.string.rawValue }
}
