package import MartletKernel
package import MartletModel

/// Finds what stands against a change, field by field: a database's own error names one constraint, or none.
extension TableLayout {
    /// A row of booleans: of each of ``uniques`` whether another record has its values, and of each of ``references`` whether the
    /// record that it refers to is missing. Parameters: see ``selection(of:)``.
    package func violationSelection(_ graph: ReferenceGraph) -> String {
        selection(of: uniques.map(isTaken) + references.map { isMissing($0, graph) })
    }

    package var violationTags: [Cell.Tag] { Array(repeating: .boolean, count: uniques.count + references.count) }

    /// - Parameters:
    ///   - found: what ``violationSelection(_:)`` has found.
    ///   - isOfUnique: whether the database's error was that of a unique constraint.
    /// - Returns: nil when nothing stands against the change.
    package func refusal(by found: RowBatch, isOfUnique: Bool) -> Refusal.Reason? {
        let missing = references.indices.filter { found[0, uniques.count + $0].boolean == true }
        guard missing.isEmpty else { return .referenceMissing(missing.map { references[$0] }) }
        guard isOfUnique else { return nil }
        let taken = uniques.indices.filter { found[0, $0].boolean == true }.flatMap { uniques[$0].columns }
        return taken.isEmpty ? nil : .uniqueTaken(Set(taken).sorted())
    }

    /// Why a change has no effect on a record, or would have none.
    /// - Parameter record: what a ``Read/byKey`` has found.
    /// - Returns: nil when the record is there and meets the precondition.
    package func refusal(of record: RowBatch, if precondition: Precondition) -> Refusal.Reason? {
        guard !record.isEmpty else { return .notFound }
        return precondition.holds(for: record[0, schema.versionIndex].integer ?? 0) ? nil : .preconditionFailed
    }

    // MARK: - Conditions on what a change would make of a record

    /// Whether these conditions hold for `given`, which is what a change would make of a record. A value that the row doesn't
    /// give is the record's own. Parameters: of each column whether it is given and what, then the key of the record to
    /// change, null for a new one.
    package func selection(of conditions: [String]) -> String {
        let values = schema.fields.indices.map { index in
            "CASE WHEN \(isGiven(index)) THEN \(dialect.parameter(2 * index + 2)) ELSE stored.\(column(index)) END "
                + "AS \(column(index))"
        }
        return "SELECT \(conditions.joined(separator: ", ")) FROM (SELECT \(values.joined(separator: ", ")) "
            + "FROM (SELECT 1) AS one LEFT JOIN \(relation) AS stored ON stored.\(key) = \(ownKey)) AS given"
    }

    private var ownKey: String { dialect.parameter(2 * schema.fields.count + 1) }
    private func isGiven(_ index: Int) -> String { dialect.parameter(2 * index + 1) }

    private func isTaken(_ unique: Unique) -> String {
        isTaken(
            unique.columns.map {
                dialect.equals("other.\(column($0))", "given.\(column($0))", isIgnoringCase: unique.isIgnoringCase)
            })
    }

    /// - Parameter equalities: conditions on `other`, a record, and `given`.
    package func isTaken(_ equalities: [String]) -> String {
        "EXISTS (SELECT 1 FROM \(relation) AS other WHERE \(equalities.joined(separator: " AND ")) "
            + "AND \(dialect.differs("other.\(key)", ownKey)))"
    }

    private func isMissing(_ index: Int, _ graph: ReferenceGraph) -> String {
        guard let target = graph.target(of: self, index) else { return "false" }
        let value = "given.\(column(index))"
        // A reference to itself is none to a record that isn't there.
        let other =
            target.ordinal == ordinal ? " AND \(dialect.differs(value, "coalesce(\(ownKey), given.\(key))"))" : ""
        return "(\(isGiven(index)) AND \(value) IS NOT NULL\(other) "
            + "AND NOT EXISTS (SELECT 1 FROM \(target.relation) AS target WHERE target.\(target.key) = \(value)))"
    }
}
