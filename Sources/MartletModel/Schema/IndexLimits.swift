/// How much of a text, or of bytes, an index takes: keys, references, unique and indexed fields can't be of any length.
///
/// PostgreSQL's indexes have entries of at most 2,704 bytes (error 54000 beyond,
/// <https://www.postgresql.org/docs/15/btree-implementation.html>), SQLite's have no such limit. So that a record that one takes is none that
/// the other refuses, the limit is the schema's. An entry is then at most ``entry`` bytes of text with the key behind it,
/// 16 other values of 16 bytes or fewer, and what PostgreSQL adds: less than 2,704.
package enum IndexLimits {
    /// Bytes of a key or a reference.
    static let key = 512
    /// Bytes of the texts in an index.
    package static let entry = 1792
    /// Fields of an index: PostgreSQL takes 32.
    static let fields = 16

    /// For a field by itself.
    static func limit(of type: ValueType, _ given: GivenConstraints) -> Int? {
        guard isLong(type) else { return nil }
        if given.key != nil || given.reference != nil { return key }
        return given.uniqueness != nil || given.isIndexed ? entry : nil
    }

    /// For fields that are in an index together, column by column. What is short anyway leaves more to the others.
    static func limits(of columns: [Int], in fields: [FieldSchema]) -> [(column: Int, limit: Int)] {
        var left = entry
        var limits: [(column: Int, limit: Int)] = []
        let texts = columns.filter { isLong(fields[$0].type) }
            .map { (column: $0, most: fields[$0].mostBytes) }
            .sorted { ($0.most, $0.column) < ($1.most, $1.column) }
        for (index, text) in texts.enumerated() {
            let limit = min(text.most, left / (texts.count - index))
            limits.append((text.column, limit))
            left -= limit
        }
        return limits
    }

    private static func isLong(_ type: ValueType) -> Bool {
        type == .string || type == .bytes || type == .enumeration
    }
}

extension FieldSchema {
    /// As many bytes as a value can have by what is said of the field.
    fileprivate var mostBytes: Int {
        if type == .enumeration { return valueBytes.map(\.count).max() ?? 0 }
        let length = length?.upperBound ?? .max
        // UTF-8 has at most four bytes for a scalar.
        return min(byteLimit ?? .max, type == .bytes || length > .max / 4 ? length : 4 * length)
    }
}
