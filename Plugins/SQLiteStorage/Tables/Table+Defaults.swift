import MartletModel

extension Table {
    /// A new record's row with all that the client doesn't say: when it is, and defaults.
    func filled(_ row: RowBatch, _ stamp: Stamp) -> RowBatch {
        guard insertedColumns.contains(where: { row[0, $0].isAbsent }) else { return row }
        var row = row
        for column in insertedColumns where row[0, column].isAbsent {
            schema.fields[column].fill(&row, column, at: stamp.time)
        }
        return row
    }
}
