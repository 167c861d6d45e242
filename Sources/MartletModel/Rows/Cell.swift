/// One value of a row in 16 bytes: what it is, and either the value itself or where its bytes lie in the heap of its ``RowBatch``.
///
/// | tag | `length` | `bits` |
/// |---|---|---|
/// | ``Tag/absent`` | 0 | 0: the field was not given (a patch leaves it as it is) |
/// | ``Tag/null`` | 0 | 0 |
/// | ``Tag/integer`` | 0 | the two's complement of the `Int64` |
/// | ``Tag/string`` | bytes of UTF-8 | offset of the first one in the heap |
@frozen
public struct Cell: Sendable {
    @frozen
    public enum Tag: UInt8, Sendable {
        case absent, null, integer, string
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

    /// The integer of an ``Tag/integer`` cell, else nil.
    @inlinable
    public var integer: Int64? {
        tag == .integer ? Int64(bitPattern: bits) : nil
    }

    @inlinable
    public var isAbsent: Bool { tag == .absent }

    @inlinable
    public var isNull: Bool { tag == .null }
}
