import MartletKernel
import MartletModel
import MartletSQL

/// How a mutation is done: the one statement that does it, its parameters, and what its answer means.
struct Step {
    let statement: Statement
    let parameters: Parameters
    /// What it returns.
    let tags: [Cell.Tag]
    /// It may change records beside its own, which get their version from ``Commands/announceChange``.
    let setsNull: Bool
}

extension Table {
    /// - Parameter time: of the transaction.
    func step(for change: Mutation.Change, if precondition: Precondition, at time: Timestamp) -> Step {
        var parameters = Parameters()
        switch change {
        case .insert(let row):
            appendInserted(row.cells, at: time, to: &parameters)
            return Step(statement: insert, parameters: parameters, tags: tags, setsNull: false)
        case .update(let key, let row):
            return updateStep(key, row.cells, precondition, at: time)
        case .upsert(let key, let row):
            guard let upsert, let insertIfAbsent else { return updateStep(key, row.cells, precondition, at: time) }
            switch precondition {
            case .present, .version: return updateStep(key, row.cells, precondition, at: time)
            case .absent:
                appendInserted(row.cells, at: time, to: &parameters)
                return Step(statement: insertIfAbsent, parameters: parameters, tags: tags, setsNull: false)
            case .none:
                appendInserted(row.cells, at: time, to: &parameters)
                for column in layout.updatedColumns { parameters.append(!row.cells[0, column].isAbsent) }
                if layout.updatedAt != nil { parameters.append(time) }
                return Step(statement: upsert, parameters: parameters, tags: upsertTags, setsNull: false)
            }
        case .delete(let key):
            parameters.append(key)
            parameters.append(precondition.versions)
            return Step(statement: delete, parameters: parameters, tags: tags, setsNull: deletionSetsNull)
        }
    }

    private func updateStep(
        _ key: Key, _ row: RowBatch, _ precondition: Precondition, at time: Timestamp
    ) -> Step {
        var parameters = Parameters()
        for column in layout.updatedColumns {
            parameters.append(!row[0, column].isAbsent)
            parameters.append(row[0, column], of: row)
        }
        parameters.append(key)
        parameters.append(precondition.versions)
        if layout.updatedAt != nil { parameters.append(time) }
        return Step(statement: update, parameters: parameters, tags: tags, setsNull: false)
    }

    private func appendInserted(_ row: RowBatch, at time: Timestamp, to parameters: inout Parameters) {
        let row = layout.filled(row, at: time)
        for column in layout.insertedColumns { parameters.append(row[0, column], of: row) }
    }

    /// Finds what stood against a change: every field, where the database's own error names one index.
    /// - Parameter error: nil if the change had no effect.
    /// - Returns: nil when nothing is to be found.
    func diagnosis(of change: Mutation.Change, after error: PostgresError?, at time: Timestamp) -> Diagnosis? {
        var parameters = Parameters()
        guard let error else {
            guard let key = change.key else { return nil }
            parameters.append(key)
            return Diagnosis(statement: byKey, parameters: parameters, tags: tags)
        }
        guard error.isUniqueViolation || error.isReferenceViolation else { return nil }
        guard let given = givenParameters(of: change, at: time) else {
            guard let referrers, let key = change.key else { return nil }
            parameters.append(key)
            return Diagnosis(
                statement: referrers.statement, parameters: parameters, tags: referrers.fields.tags)
        }
        return Diagnosis(statement: violations, parameters: given, tags: layout.violationTags)
    }

    /// Finds which conditions a change would break; nil for a deletion.
    func diagnosis(of change: Mutation.Change, breaking conditions: [String], at time: Timestamp) -> Diagnosis? {
        guard let given = givenParameters(of: change, at: time) else { return nil }
        let sql = layout.selection(of: conditions.map { "(\($0)) IS FALSE" })
        let statement = Statement(id: Statement.unprepared, sql: sql, types: layout.givenTypes)
        return Diagnosis(
            statement: statement, parameters: given, tags: Array(repeating: .boolean, count: conditions.count))
    }

    /// Those of ``TableLayout/givenTypes``; nil for a deletion.
    private func givenParameters(of change: Mutation.Change, at time: Timestamp) -> Parameters? {
        guard var row = change.row?.cells else { return nil }
        if case .insert = change { row = layout.filled(row, at: time) }
        var parameters = Parameters()
        for column in schema.fields.indices {
            parameters.append(!row[0, column].isAbsent)
            parameters.append(row[0, column], of: row)
        }
        if let key = change.key { parameters.append(key) } else { parameters.appendNull() }
        return parameters
    }
}

/// A statement that tells why a change was not done.
struct Diagnosis {
    let statement: Statement
    let parameters: Parameters
    let tags: [Cell.Tag]
}

extension Precondition {
    /// In which versions a statement is to find its record; nil for any, and none where it must not be there.
    var versions: [Int64]? {
        switch self {
        case .none, .present: nil
        case .version(let versions): versions
        case .absent: []
        }
    }
}
