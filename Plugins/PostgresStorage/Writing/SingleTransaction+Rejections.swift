import Logging
import MartletKernel
import MartletModel
import MartletSQL

/// What constraints and triggers that the resources don't have refuse: those of a newer server's beside this one, or others' own.
extension SingleTransaction {
    /// - Parameter error: of a change, which ``PostgresError/isOfValues``. The server names one constraint of several.
    func rejection(
        of change: Mutation.Change, on table: Table, after error: PostgresError
    ) async throws(Stop) -> Refusal.Reason {
        logger.info("the database has refused a change", metadata: ["reason": "\(error)"])
        // Also where nothing is asked, the transaction goes on with the next mutation.
        let exchange = Exchange(on: connection)
        exchange.add(commands.rollbackToSavepoint)
        if let error = await exchange.results()[...].firstError?.error { throw .failed(error) }
        let isOfTable = error.constraint?.table == table.schema.table
        if error.isTooLarge {
            let columns = try await tooLongColumns(of: change, on: table)
            if !columns.isEmpty { return .rejected(columns, error.rejection) }
        }
        guard let constraint = error.constraint, isOfTable else { return .rejected([], error.rejection) }
        if error.isCheckViolation {
            let broken = try await brokenChecks(of: change, on: table, constraint)
            if broken.contains(where: { $0.name == constraint.name }) {
                let columns = Set(broken.flatMap { fields(of: $0.columns, in: table) })
                return .rejected(columns.sorted(), rejection(by: broken.map(\.name), constraint))
            }
        }
        let columns = fields(of: try await columns(of: constraint), in: table)
        return .rejected(columns.sorted(), error.rejection)
    }

    private func rejection(by names: [String], _ constraint: ConstraintName) -> String {
        let list = names.joined(separator: ", ")
        return "it breaks the constraint\(names.count == 1 ? "" : "s") \(list) of the table \(constraint.table)"
    }

    private func fields(of columns: [String], in table: Table) -> [Int] {
        columns.compactMap { column in table.schema.fields.firstIndex { $0.column == column } }
    }

    private struct Check {
        let name: String
        let condition: String
        var columns: [String]
    }

    /// Every check of the table that the change breaks, as far as it is about columns that are known here.
    private func brokenChecks(
        of change: Mutation.Change, on table: Table, _ constraint: ConstraintName
    ) async throws(Stop) -> [Check] {
        let checks = try await checks(of: constraint).filter { check in
            fields(of: check.columns, in: table).count == check.columns.count
        }
        guard !checks.isEmpty,
            let diagnosis = table.diagnosis(of: change, breaking: checks.map(\.condition), at: transaction.time)
        else { return [] }
        let exchange = Exchange(on: connection)
        exchange.add(commands.rollbackToSavepoint)
        exchange.add(diagnosis.statement, diagnosis.parameters, returning: diagnosis.tags)
        exchange.endStretch()
        // A condition may fail by itself. The transaction goes on.
        exchange.add(commands.rollbackToSavepoint)
        let results = await exchange.results()
        if let loss = results.loss { throw .failed(loss) }
        guard let found = results[1].rows, found.count == 1 else { return [] }
        return checks.indices.filter { found[0, $0].boolean == true }.map { checks[$0] }
    }

    /// Columns in indexes whose values are longer than an index of Martlet's takes.
    private func tooLongColumns(of change: Mutation.Change, on table: Table) async throws(Stop) -> [Int] {
        guard let row = change.row?.cells else { return [] }
        var parameters = Parameters()
        parameters.append(table.layout.relation)
        let rows = try await result(
            of: Diagnosis(
                statement: commands.indexedColumns, parameters: parameters, tags: Commands.constrainedColumnsTags))
        let columns = (0..<rows.count).compactMap { rows.string(of: rows[$0, 0]) }
        return fields(of: columns, in: table).filter { Int(row[0, $0].length) > IndexLimits.entry }.sorted()
    }

    /// All of a constraint's table, by their names.
    private func checks(of constraint: ConstraintName) async throws(Stop) -> [Check] {
        var parameters = Parameters()
        for name in [constraint.schema, constraint.table] { parameters.append(name) }
        let rows = try await result(
            of: Diagnosis(statement: commands.checks, parameters: parameters, tags: Commands.checksTags))
        var checks: [String: Check] = [:]
        for row in 0..<rows.count {
            let texts = (0..<3).compactMap { rows.string(of: rows[row, $0]) }
            guard texts.count == 3 else { continue }
            checks[texts[0], default: Check(name: texts[0], condition: texts[1], columns: [])].columns.append(texts[2])
        }
        return checks.values.sorted { $0.name < $1.name }
    }
}
