import Logging
import MartletKernel
import MartletModel
import MartletSQL

/// Constraints and triggers that the resources don't have: those of a newer server's beside this one, or others' own.
extension SingleTransaction {
    /// - Parameter error: of a change, for which the resources gave no reason.
    /// - Returns: nil where the constraint is one of the resources' after all, or nothing is found.
    func verdict(
        of change: Mutation.Change, on table: Table, afterUnknown error: PostgresError
    ) async throws(Stop) -> Verdict? {
        guard let constraint = error.constraint, error.isUniqueViolation || error.isReferenceViolation else {
            return error.isOfValues ? .refused(try await rejection(of: change, on: table, after: error)) : nil
        }
        let columns = try await columns(of: constraint)
        if error.isReferenceViolation, change.row == nil { return stillReferenced(columns, constraint) }
        let fields = columns.compactMap { column in table.schema.fields.firstIndex { $0.column == column } }.sorted()
        guard !fields.isEmpty, fields.count == columns.count else { return nil }
        if error.isReferenceViolation {
            return table.layout.references.contains(fields[0]) ? nil : .refused(.referenceMissing(fields))
        }
        if case .insert = change, fields == [table.schema.keyIndex], let statement = table.advanceKeys {
            return try await advanceKeys(statement)
        }
        return table.layout.uniques.contains { $0.columns.sorted() == fields } ? nil : .refused(.uniqueTaken(fields))
    }

    func columns(of constraint: ConstraintName) async throws(Stop) -> [String] {
        var parameters = Parameters()
        for name in [constraint.schema, constraint.table, constraint.name] { parameters.append(name) }
        let rows = try await result(
            of: Diagnosis(
                statement: commands.constrainedColumns, parameters: parameters, tags: Commands.constrainedColumnsTags))
        return (0..<rows.count).compactMap { rows.string(of: rows[$0, 0]) }
    }

    /// A change was to be done, and the database has not done it and said nothing.
    func suppressed(_ change: Mutation.Change, on table: Table) async throws(Stop) -> Verdict {
        var parameters = table.suppression(of: change.suppressorBits)
        parameters.append(table.schema.table)
        let rows = try await result(
            of: Diagnosis(statement: commands.suppressors, parameters: parameters, tags: Commands.suppressorsTags))
        let name = rows.isEmpty ? nil : rows.string(of: rows[0, 0])
        let reason = "\(name ?? "a trigger or a rule") keeps it from being done"
        logger.info("the database has refused a change", metadata: ["reason": "\(reason)"])
        return .refused(.rejected([], reason))
    }

    private func stillReferenced(_ columns: [String], _ constraint: ConstraintName) -> Verdict? {
        guard let column = columns.first else { return nil }
        let known = catalog.tables.first { $0.schema.table == constraint.table }?.schema
        let field = known?.field(ofColumn: column)
        if let rule = field?.reference?.onDelete, rule != .setNull { return nil }
        return .refused(
            .stillReferenced([
                Refusal.Referrer(resource: known?.name ?? constraint.table, field: field?.name ?? column)
            ]))
    }

    /// Others have inserted records with the keys that come next: the same is tried again with keys after theirs.
    private func advanceKeys(_ statement: Statement) async throws(Stop) -> Verdict {
        let exchange = Exchange(on: connection)
        exchange.add(statement)
        if let error = await exchange.results()[...].firstError?.error { throw .failed(error) }
        return .unclear
    }
}

extension Mutation.Change {
    /// Of `tgtype`, for the triggers that it fires.
    var suppressorBits: Int64 {
        switch self {
        case .insert: 4
        case .update: 16
        case .upsert: 4 | 16
        case .delete: 8
        }
    }
}

extension Table {
    /// The first parameters of ``Commands/suppressors``, and those of ``Commands/failIfSuppressed``.
    func suppression(of bits: Int64) -> Parameters {
        var parameters = Parameters()
        parameters.append(layout.relation)
        parameters.append(SetNullTrigger.name(of: layout))
        parameters.append(bits)
        return parameters
    }
}
