import MartletModel

extension Table {
    /// What records that are there get in a new column, as SQL: what a new record gets where nothing is said.
    func fillLiteral(_ column: Int, at time: Timestamp) -> String {
        var row = RowBatch(width: 1)
        row.appendAbsentRow()
        schema.fields[column].fill(&row, 0, at: time)
        return Self.literal(row[0, 0], of: row)
    }

    private static func literal(_ cell: Cell, of rows: RowBatch) -> String {
        switch cell.tag {
        case .absent, .null: "NULL"
        case .integer, .boolean, .timestamp: String(Int64(bitPattern: cell.bits))
        case .number: String(Double(bitPattern: cell.bits))
        case .date: literal(cell.date?.description ?? "")
        case .string, .json: literal(String(decoding: bytes(of: cell, rows), as: UTF8.self))
        case .uuid, .bytes: "x'\(hexadecimal(bytes(of: cell, rows)))'"
        }
    }

    private static func bytes(of cell: Cell, _ rows: RowBatch) -> ArraySlice<UInt8> {
        rows.heap[Int(cell.bits)..<Int(cell.bits) + Int(cell.length)]
    }
}
