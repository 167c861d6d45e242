import MartletModel

/// A field and the value that an update gives it.
struct Assignment<M: Model>: Sendable {
    let store: @Sendable (inout RowBatch) -> Void

    static func set<Value: FieldValue>(_ path: KeyPath<M, Value>, _ value: Value) -> Assignment {
        let column = M.column(path)
        return Assignment { value.store(in: &$0, row: 0, column: column) }
    }

    /// What a storage is given to do so.
    static func validated(_ assignments: [Assignment]) throws(Problem) -> ValidatedRow {
        var rows = RowBatch(width: M.resource.width)
        rows.appendAbsentRow()
        for assignment in assignments { assignment.store(&rows) }
        return try ValidatedRow(rows, M.resource, for: .patch)
    }
}
