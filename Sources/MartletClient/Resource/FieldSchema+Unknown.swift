import MartletModel

extension FieldSchema {
    /// What a record that came from a server has in a field that is only written, which a server never shows: nil where
    /// that may be, else no text or no bytes. One cell; nil for a type that has no such value.
    var unknownValue: RowBatch? {
        var value = RowBatch(width: 1)
        switch type {
        case _ where isNullable: value.append(.null)
        case .string: value.append(.string, UnsafeRawBufferPointer(start: nil, count: 0))
        case .bytes: value.append(.bytes, UnsafeRawBufferPointer(start: nil, count: 0))
        default: return nil
        }
        return value
    }
}

extension RowBatch {
    /// Puts ``FieldSchema/unknownValue`` where a server's answer has nothing to show.
    mutating func fillWriteOnly(_ schema: ResourceSchema) {
        for (column, field) in schema.fields.enumerated() where field.isWriteOnly {
            guard let value = field.unknownValue else { continue }
            for row in 0..<count where self[row, column].isAbsent {
                set(row: row, column: column, to: value[0, 0], of: value)
            }
        }
    }
}
