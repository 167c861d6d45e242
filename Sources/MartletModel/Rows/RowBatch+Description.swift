extension RowBatch: CustomStringConvertible {
    /// For messages of tests: `[(1, "Ada", null), …]`.
    public var description: String {
        let rows = (0..<count).map { row in
            "(" + (0..<width).map { describe(self[row, $0]) }.joined(separator: ", ") + ")"
        }
        return "[" + rows.joined(separator: ", ") + "]"
    }

    private func describe(_ cell: Cell) -> String {
        switch cell.tag {
        case .absent: "–"
        case .null: "null"
        case .integer: "\(cell.integer ?? 0)"
        case .number: "\(cell.number ?? 0)"
        case .boolean: "\(cell.boolean ?? false)"
        case .timestamp: cell.timestamp?.description ?? "?"
        case .date: cell.date?.description ?? "?"
        case .string: (string(of: cell) ?? "").debugDescription
        case .uuid, .bytes:
            withBytes(of: cell) { "x'\(hexadecimal($0))'" }
        case .json: withBytes(of: cell) { String(decoding: $0, as: UTF8.self) }
        }
    }
}
