/// What filters and orders mean, row by row: for whoever keeps records without a query language.
extension Filter {
    /// Whether a row, which has every field that is asked about, is meant.
    public func matches(row: Int, of rows: RowBatch) -> Bool {
        clauses.allSatisfy { clause in clause.contains { $0.matches(row: row, of: rows) } }
    }
}

extension FilterTerm {
    public func matches(row: Int, of rows: RowBatch) -> Bool {
        let cell = rows[row, column]
        if case .isNull(let isNull) = condition { return cell.isNull == isNull }
        guard !cell.isNull else { return false }
        switch condition {
        case .compare(let comparison, let value):
            let order = rows.order(cell, value[0, 0], of: value)
            return switch comparison {
            case .equal: order == 0
            case .notEqual: order != 0
            case .less: order < 0
            case .lessOrEqual: order <= 0
            case .greater: order > 0
            case .greaterOrEqual: order >= 0
            }
        case .oneOf(let values):
            return (0..<values.count).contains { rows.order(cell, values[$0, 0], of: values) == 0 }
        case .like(let pattern, let ignoringCase):
            return rows.withBytes(of: cell) { pattern.matches($0, ignoringCase: ignoringCase) }
        case .isNull: return false
        }
    }
}

extension RowBatch {
    /// Negative when a cell comes before one of another batch, 0 when they hold the same value, else positive. Null comes
    /// first, texts and bytes are in the order of their bytes.
    public func order(_ cell: Cell, _ other: Cell, of batch: RowBatch) -> Int {
        guard cell.tag == other.tag else {
            return cell.isNull ? -1 : other.isNull ? 1 : cell.tag.rawValue < other.tag.rawValue ? -1 : 1
        }
        switch cell.tag {
        case .absent, .null: return 0
        case .number:
            let (a, b) = (Double(bitPattern: cell.bits), Double(bitPattern: other.bits))
            return a < b ? -1 : a == b ? 0 : 1
        case .integer, .boolean, .timestamp, .date:
            let (a, b) = (Int64(bitPattern: cell.bits), Int64(bitPattern: other.bits))
            return a < b ? -1 : a == b ? 0 : 1
        case .string, .uuid, .bytes, .json:
            return withBytes(of: cell) { a in
                batch.withBytes(of: other) { b in
                    a.elementsEqual(b) ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1
                }
            }
        }
    }

    /// The same for a row and, in `place`, the values that another has in the columns of `order`: which of both comes first.
    public func order(row: Int, _ place: RowBatch, by order: [SortTerm]) -> Int {
        for (index, term) in order.enumerated() {
            let result = self.order(self[row, term.column], place[0, index], of: place)
            if result != 0 { return term.isDescending ? -result : result }
        }
        return 0
    }

    /// A row's values in the columns of `order`, as a batch of one row.
    public func place(ofRow row: Int, in order: [SortTerm]) -> RowBatch {
        var place = RowBatch(width: order.count)
        for term in order { place.append(self[row, term.column], of: self) }
        return place
    }
}
