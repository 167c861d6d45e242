/// Rows of text in columns as wide as their widest.
struct Table {
    private let rows: [[String]]
    private let widths: [Int]

    init(_ rows: [[String]]) {
        self.rows = rows
        var widths: [Int] = []
        for row in rows {
            for (column, text) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], text.count)
            }
        }
        self.widths = widths
    }

    var lines: [String] {
        rows.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                line += text
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - text.count + 2)
            }
            return line
        }
    }
}
