extension FieldSchema {
    /// Puts what a new record has where nothing was said into a cell: the time in a managed field, the default, or null.
    /// - Parameter column: the field's, in the first row.
    public func fill(_ rows: inout RowBatch, _ column: Int, at time: Timestamp) {
        if managed != nil {
            rows.set(row: 0, column: column, to: .timestamp(time))
        } else if let value = defaultCell {
            rows.set(row: 0, column: column, to: value[0, 0], of: value)
        } else {
            rows.set(row: 0, column: column, to: .null)
        }
    }
}
