import MartletKernel
import MartletModel
import MartletSQL

/// A deletion that the server doesn't do by itself: its own cascade goes down as far as its stack allows, and takes a record
/// that goes along for one that stays if it meets it early.
extension SingleTransaction {
    /// From the leaves up, and what refers to what is checked at the end.
    func deleteDeeply(
        _ key: Key, _ change: Mutation.Change, _ precondition: Precondition, from table: Table
    ) async throws(Stop) -> Verdict {
        guard let selection = table.deletedRecords else { throw .failed(.bug("a cascade that no schema has")) }
        var parameters = Parameters()
        parameters.append(key)
        let record = try await result(of: Diagnosis(statement: table.byKey, parameters: parameters, tags: table.tags))
        if let reason = table.layout.refusal(of: record, if: precondition) { return .refused(reason) }
        if let (fields, statement) = table.referrers {
            let found = try await result(
                of: Diagnosis(statement: statement, parameters: parameters, tags: fields.tags))
            if let reason = fields.refusal(by: found) { return .refused(reason) }
        }
        let deleted = try await result(
            of: Diagnosis(statement: selection, parameters: parameters, tags: Table.deletedRecordsTags))
        let exchange = Exchange(on: connection)
        exchange.add(commands.deferChecks)
        for row in (0..<deleted.count).reversed() {
            let child = catalog.tables[Int(deleted[row, 0].integer ?? 0)]
            guard let key = (1...3).lazy.compactMap({ Key(deleted[row, $0], of: deleted) }).first else { continue }
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
