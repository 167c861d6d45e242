public import MartletModel

/// Which records of a list are meant:
///
/// ```swift
/// users.list(where: \.name == "Ada" && \.age >= 18)
/// users.list(where: .like(\.name, "A*") || \.age == nil)
/// ```
///
/// No comparison but `== nil` holds for a field that is null, `!=` neither. A request says one `||`, beside which there can
/// be any number of terms with `&&`, but of one operator on one field: what it can't say is ``MartletError/invalidRequest(_:)``.
public struct RecordFilter<M: Model>: Sendable {
    /// Nil when no request says it; then ``mistake`` says why.
    let filter: Filter?
    var mistake = ""

    /// `*` in `pattern` is any text; `\` before `*`, `,` and itself takes its meaning away.
    /// - Parameter ignoringCase: `A` to `Z` are as `a` to `z`.
    public static func like<Value: FieldValue>(
        _ field: KeyPath<M, Value>, _ pattern: String, ignoringCase: Bool = false
    ) -> RecordFilter {
        guard let pattern = LikePattern(pattern) else {
            return RecordFilter(mistake: "\"\(pattern)\" has a \\ before anything but *, , and \\")
        }
        return RecordFilter(field, .like(pattern, ignoringCase: ignoringCase))
    }

    /// The field has one of these values: 1,000 at the most.
    public static func oneOf<Value: FieldValue>(_ field: KeyPath<M, Value>, _ values: [Value]) -> RecordFilter {
        var rows = RowBatch(width: 1, reservingRows: values.count)
        for value in values {
            rows.appendAbsentRow()
            value.store(in: &rows, row: rows.count - 1, column: 0)
        }
        guard !values.isEmpty, rows.cells.allSatisfy({ !$0.isNull }) else {
            return RecordFilter(mistake: "oneOf needs values that are not null")
        }
        return RecordFilter(field, .oneOf(rows))
    }

    public static func && (a: RecordFilter, b: RecordFilter) -> RecordFilter {
        guard let left = a.filter, let right = b.filter else { return a.filter == nil ? a : b }
        return RecordFilter(filter: Filter(left.clauses + right.clauses))
    }

    public static func || (a: RecordFilter, b: RecordFilter) -> RecordFilter {
        guard let left = a.filter, let right = b.filter else { return a.filter == nil ? a : b }
        guard left.clauses.count == 1, right.clauses.count == 1 else {
            return RecordFilter(mistake: "a request can't say || between terms that are joined with &&")
        }
        return RecordFilter(filter: Filter([left.clauses[0] + right.clauses[0]]))
    }

    private init(filter: Filter) {
        self.filter = filter
    }

    private init(mistake: String) {
        filter = nil
        self.mistake = mistake
    }

    fileprivate init<Value>(_ field: KeyPath<M, Value>, _ condition: FilterTerm.Condition) {
        guard let column = M.schema.column(of: field) else {
            self.init(mistake: "\(M.schema.resource.name) has no field that is read like this")
            return
        }
        self.init(filter: Filter([[FilterTerm(column, condition)]]))
    }

    fileprivate init<Value: FieldValue>(
        _ field: KeyPath<M, some Any>, _ comparison: FilterTerm.Comparison, _ value: Value
    ) {
        var row = RowBatch(width: 1)
        row.appendAbsentRow()
        value.store(in: &row, row: 0, column: 0)
        guard row[0, 0].isNull else {
            self.init(field, .compare(comparison, value: row))
            return
        }
        // Of values that aren't nullable, only numbers that aren't finite become null.
        switch comparison {
        case .equal where Value.isNullable: self.init(field, .isNull(true))
        case .notEqual where Value.isNullable: self.init(field, .isNull(false))
        default: self.init(mistake: "a field is compared with null, or with a number that is not finite")
        }
    }
}

public func == <M: Model, Value: FieldValue>(field: KeyPath<M, Value>, value: Value) -> RecordFilter<M> {
    RecordFilter(field, .equal, value)
}

public func != <M: Model, Value: FieldValue>(field: KeyPath<M, Value>, value: Value) -> RecordFilter<M> {
    RecordFilter(field, .notEqual, value)
}

public func < <M: Model, Value: FieldValue>(field: KeyPath<M, Value>, value: Value) -> RecordFilter<M> {
    RecordFilter(field, .less, value)
}

public func <= <M: Model, Value: FieldValue>(field: KeyPath<M, Value>, value: Value) -> RecordFilter<M> {
    RecordFilter(field, .lessOrEqual, value)
}

public func > <M: Model, Value: FieldValue>(field: KeyPath<M, Value>, value: Value) -> RecordFilter<M> {
    RecordFilter(field, .greater, value)
}

public func >= <M: Model, Value: FieldValue>(field: KeyPath<M, Value>, value: Value) -> RecordFilter<M> {
    RecordFilter(field, .greaterOrEqual, value)
}
