import MartletKernel
import MartletModel

/// What became of a mutation.
enum Verdict {
    case done(Written)
    case refused(Refusal.Reason)
    /// Others have changed something in between: to be done again.
    case unclear
}

extension Table {
    /// - Parameter rows: what the mutation's statement has returned.
    /// - Returns: nil if it had no effect, which leaves open why.
    func verdict(of change: Mutation.Change, if precondition: Precondition, returning rows: RowBatch) -> Verdict? {
        guard !rows.isEmpty else { return nil }
        switch change {
        case .insert: return .done(Written(rows, isNew: true))
        case .update, .delete: return .done(Written(rows, isNew: false))
        case .upsert:
            // Behind the record stands whether it is new, where the statement couldn't know before.
            guard rows.width > schema.width else { return .done(Written(rows, isNew: precondition == .absent)) }
            var record = RowBatch(width: schema.width)
            for column in 0..<schema.width { record.append(rows[0, column], of: rows) }
            return .done(Written(record, isNew: rows[0, schema.width].boolean == true))
        }
    }

    /// By the record that is there after the mutation had no effect.
    func verdict(
        of change: Mutation.Change, if precondition: Precondition, found record: RowBatch
    ) -> Verdict {
        guard !record.isEmpty else {
            switch (change, precondition) {
            case (.upsert, .present), (.upsert, .version): return .refused(.preconditionFailed)
            case (.upsert, _): return .unclear
            default: return .refused(.notFound)
            }
        }
        guard precondition.holds(for: record[0, schema.versionIndex].integer ?? 0) else {
            return .refused(.preconditionFailed)
        }
        guard let row = change.row?.cells, changesNothing(row, in: record) else { return .unclear }
        return .done(Written(record, isNew: false))
    }

    /// - Parameter found: for each of what a ``Diagnosis`` after an error looked for, whether it is so.
    func verdict(of change: Mutation.Change, after error: PostgresError, found: RowBatch) -> Verdict {
        guard found.count == 1 else { return .unclear }
        let isSo = { (place: Int) in found[0, place].boolean == true }
        if change.row == nil {
            let names = referrers.names.indices.filter(isSo).map {
                Refusal.Referrer(resource: referrers.names[$0].resource, field: referrers.names[$0].field)
            }
            return names.isEmpty ? .unclear : .refused(.stillReferenced(names))
        }
        let missing = layout.references.indices.filter { isSo(layout.uniques.count + $0) }
        guard missing.isEmpty else { return .refused(.referenceMissing(missing.map { layout.references[$0] })) }
        guard error.isUniqueViolation else { return .unclear }
        let taken = Set(layout.uniques.indices.filter(isSo).flatMap { layout.uniques[$0].columns })
        return taken.isEmpty ? .unclear : .refused(.uniqueTaken(taken.sorted()))
    }

    private func changesNothing(_ row: RowBatch, in record: RowBatch) -> Bool {
        layout.updatedColumns.allSatisfy { column in
            guard !row[0, column].isAbsent else { return true }
            var (new, stored) = (RowBatch(width: 1), RowBatch(width: 1))
            new.append(row[0, column], of: row)
            stored.append(record[0, column], of: record)
            return new == stored
        }
    }
}
