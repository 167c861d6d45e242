import MartletModel

extension TableLayout {
    /// What records that are there get in a new column, as SQL: what a new record gets where nothing is said.
    func fillLiteral(_ column: Int, at time: Timestamp) -> String {
        var row = RowBatch(width: 1)
        row.appendAbsentRow()
        schema.fields[column].fill(&row, 0, at: time)
        return
            "\(Self.text(row[0, 0], of: row).map(Self.literal) ?? "NULL")::\(Self.typeName(schema.fields[column].type))"
    }

    /// As the server reads a value of the cell's type; nil is null.
    private static func text(_ cell: Cell, of rows: RowBatch) -> String? {
        switch cell.tag {
        case .absent, .null: nil
        case .integer: String(Int64(bitPattern: cell.bits))
        case .boolean: cell.bits == 0 ? "false" : "true"
        case .timestamp: Timestamp(clamping: Int64(bitPattern: cell.bits)).description
        case .number: String(Double(bitPattern: cell.bits))
        case .date: cell.date?.description
        case .string, .json: String(decoding: bytes(of: cell, rows), as: UTF8.self)
        case .uuid: hexadecimal(bytes(of: cell, rows))
        case .bytes: "\\x" + hexadecimal(bytes(of: cell, rows))
        }
    }

    private static func bytes(of cell: Cell, _ rows: RowBatch) -> ArraySlice<UInt8> {
        rows.heap[Int(cell.bits)..<Int(cell.bits) + Int(cell.length)]
    }
}
