public import FoundationEssentials

/// What identifies a record among those of its resource.
///
/// Keys compare as databases order them: integers by value, texts by their UTF-8, UUIDs by their bytes.
public enum Key: Sendable {
    case integer(Int64)
    case string(String)
    case uuid(UUID)

    /// The key that a path segment or a cursor spells, percent-encoding taken off. Of an integer in the one spelling that
    /// it has: no `+1`, no `01`.
    public init?(_ text: some StringProtocol, for schema: ResourceSchema) {
        var text = String(text)
        let key = text.withUTF8 { Key(utf8: UnsafeRawBufferPointer($0), for: schema) }
        guard let key else { return nil }
        self = key
    }

    /// - Parameter text: valid UTF-8.
    package init?(utf8 text: UnsafeRawBufferPointer, for schema: ResourceSchema) {
        switch schema.key.type {
        case .integer:
            guard let value = Int64(canonicalDecimal: text) else { return nil }
            self = .integer(value)
        case .uuid:
            guard let uuid = UUID(text: text) else { return nil }
            self = .uuid(uuid)
        default:
            guard !text.isEmpty, !text.contains(0) else { return nil }
            self = .string(String(decoding: text, as: UTF8.self))
        }
    }

    /// The key in a cell, or nil when it holds none.
    public init?(_ cell: Cell, of rows: RowBatch) {
        switch cell.tag {
        case .integer: self = .integer(Int64(bitPattern: cell.bits))
        case .string:
            guard let text = rows.string(of: cell) else { return nil }
            self = .string(text)
        case .uuid:
            guard let uuid = UUID(cell, of: rows) else { return nil }
            self = .uuid(uuid)
        default: return nil
        }
    }

    /// Puts it into a cell.
    public func store(in rows: inout RowBatch, row: Int, column: Int) {
        switch self {
        case .integer(let value): value.store(in: &rows, row: row, column: column)
        case .string(let value): value.store(in: &rows, row: row, column: column)
        case .uuid(let value): value.store(in: &rows, row: row, column: column)
        }
    }
}

extension Key: Comparable {
    public static func == (a: Key, b: Key) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a == b
        // Not as `String`s: to Swift "é" and "e" with an accent behind it are equal.
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.uuid(let a), .uuid(let b)): a == b
        default: false
        }
    }

    public static func < (a: Key, b: Key) -> Bool {
        switch (a, b) {
        case (.integer(let a), .integer(let b)): a < b
        case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.uuid(let a), .uuid(let b)): a.bytes.lexicographicallyPrecedes(b.bytes)
        // Of one resource all keys are of one kind.
        default: a.ordinal < b.ordinal
        }
    }

    private var ordinal: Int {
        switch self {
        case .integer: 0
        case .string: 1
        case .uuid: 2
        }
    }
}

extension Key: Hashable {
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .integer(let value): hasher.combine(value)
        case .string(let value): for byte in value.utf8 { hasher.combine(byte) }
        case .uuid(let value): hasher.combine(value)
        }
    }
}

extension Key: CustomStringConvertible {
    /// As messages spell it; in a path it is ``pathSegment``.
    public var description: String {
        switch self {
        case .integer(let value): String(value)
        case .string(let value): value
        case .uuid(let value): value.text
        }
    }

    /// Percent-encoded for a path (RFC 3986, section 3.3): what isn't `unreserved` is escaped.
    public var pathSegment: String {
        guard case .string(let value) = self else { return description }
        return PercentEncoding.encode(value.utf8)
    }
}

extension Int64 {
    /// The number that a text spells as it would be written: no `+1`, no `01`, no `-0`.
    fileprivate init?(canonicalDecimal text: UnsafeRawBufferPointer) {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.dropFirst(isNegative ? 1 : 0)
        guard let first = digits.first, first != UInt8(ascii: "0") || text.count == 1 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard isDigit(digit) else { return nil }
            let next = value.multipliedReportingOverflow(by: 10)
            // Below zero there is room for one more.
            let sum = next.partialValue.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !next.overflow, !sum.overflow else { return nil }
            value = sum.partialValue
        }
        guard isNegative || value != .min else { return nil }
        self = isNegative ? value : -value
    }
}
