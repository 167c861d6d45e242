import MartletKernel
import MartletModel
import UserScenarios
import UsersModel

extension UsersAPI {
    /// Users in this process: an application on a storage, and no transport.
    init(_ application: Application) {
        let schema = User.schema.resource
        @Sendable func written(_ change: Mutation.Change) async throws -> RowBatch {
            let outcome = try await application.perform(.write(Write(Mutation(schema, change))))
            guard case .written(let written) = outcome, written.count == 1 else {
                throw UnexpectedOutcome(outcome: outcome)
            }
            return written[0].record
        }
        @Sendable func user(_ change: Mutation.Change) async throws -> User {
            try User.schema.record(0, of: try await written(change))
        }
        self.init(
            create: { try await user(.insert(ValidatedRow($0.row, schema, for: .create))) },
            get: { id in
                let outcome = try await application.perform(.read(schema, .integer(id)))
                guard case .record(let row, _) = outcome else { throw UnexpectedOutcome(outcome: outcome) }
                return try User.schema.record(0, of: row)
            },
            update: { try await user(.update(.integer($0), ValidatedRow($1.row, schema, for: .patch))) },
            replace: { new in
                let row = UsersAPI.Fields(name: new.name, email: new.email).row
                let key = Key.integer(new.id)
                return try await user(.update(key, ValidatedRow(row, schema, for: .replace(key, of: schema))))
            },
            delete: { _ = try await written(.delete(.integer($0))) },
            pages: { limit, body in
                var request = ListRequest(schema, limit: limit)
                repeat {
                    let outcome = try await application.perform(.list(request))
                    guard case .page(let page) = outcome else { throw UnexpectedOutcome(outcome: outcome) }
                    try await body(try (0..<page.rows.count).map { try User.schema.record($0, of: page.rows) })
                    request.after = page.next
                } while request.after != nil
            })
    }
}

private struct UnexpectedOutcome: Error {
    let outcome: Outcome
}

extension UsersAPI.Fields {
    /// What a transport would read from a body.
    fileprivate var row: RowBatch {
        var rows = RowBatch(width: User.schema.resource.width)
        rows.appendAbsentRow()
        if let name { rows.set(row: 0, column: 1, to: name) }
        if let email { rows.set(row: 0, column: 2, to: email) }
        return rows
    }
}
