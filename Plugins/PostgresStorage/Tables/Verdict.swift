import MartletKernel
import MartletModel
import MartletSQL

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
        if record.isEmpty, case .upsert = change {
            switch precondition {
            case .present, .version: return .refused(.preconditionFailed)
            case .none, .absent: return .unclear
            }
        }
        if let reason = layout.refusal(of: record, if: precondition) { return .refused(reason) }
        guard let row = change.row?.cells, changesNothing(row, in: record) else { return .unclear }
        return .done(Written(record, isNew: false))
    }

    /// - Parameter found: for each of what a ``Diagnosis`` after an error looked for, whether it is so.
    func verdict(of change: Mutation.Change, after error: PostgresError, found: RowBatch) -> Verdict {
        guard found.count == 1 else { return .unclear }
        let reason =
            change.row == nil
            ? referrers?.fields.refusal(by: found)
            : layout.refusal(by: found, isOfUnique: error.isUniqueViolation)
        return reason.map { .refused($0) } ?? .unclear
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
