import MartletKernel
import MartletModel

/// A deletion that the server doesn't do by itself: its own cascade goes down as far as its stack allows, and takes a record
/// that goes along for one that stays if it meets it early.
extension SingleTransaction {
    /// From the leaves up, and what refers to what is checked at the end.
    func deleteDeeply(
        _ key: Key, _ change: Mutation.Change, _ precondition: Precondition, from table: Table
    ) async throws(Stop) -> Verdict {
        guard let list = table.gone else { throw .failed(.bug("a cascade that no schema has")) }
        var parameters = Parameters()
        parameters.append(key)
        let record = try await result(of: Diagnosis(statement: table.byKey, parameters: parameters, tags: table.tags))
        guard !record.isEmpty else { return .refused(.notFound) }
        guard precondition.holds(for: record[0, table.schema.versionIndex].integer ?? 0) else {
            return .refused(.preconditionFailed)
        }
        if let statement = table.referrers.statement {
            let found = try await result(
                of: Diagnosis(statement: statement, parameters: parameters, tags: table.referrers.tags))
            let verdict = table.verdict(of: change, after: .again, found: found)
            if case .refused = verdict { return verdict }
        }
        let gone = try await result(
            of: Diagnosis(statement: list, parameters: parameters, tags: ReferenceGraph.goneTags))
        let exchange = Exchange(on: connection)
        exchange.add(commands.deferChecks)
        for row in (0..<gone.count).reversed() {
            let child = catalog.tables[Int(gone[row, 0].integer ?? 0)]
            guard let key = (1...3).lazy.compactMap({ Key(gone[row, $0], of: gone) }).first else { continue }
            var parameters = Parameters()
            parameters.append(key)
            parameters.append(Precondition.none.versions)
            exchange.add(child.delete, parameters)
        }
        exchange.add(commands.checkNow)
        exchange.add(table.byKey, parameters, returning: table.tags)
        let results = await exchange.results()
        if let error = results[...].firstError?.error { throw .failed(error) }
        guard results.last?.rows?.isEmpty == true else { return try await suppressed(change, on: table) }
        return .done(Written(record, isNew: false))
    }
}
