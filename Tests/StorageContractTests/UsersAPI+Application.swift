import MartletKernel
import MartletModel
import UserScenarios
import UsersModel

extension UsersAPI {
    /// Users in this process: an application on a storage, and no transport.
    init(_ application: Application) {
        let schema = User.schema.resource
        @Sendable func user(_ action: Operation.Action) async throws -> User {
            switch try await application.perform(Operation(schema, action)) {
            case .created(let rows), .record(let rows): try User.schema.record(0, of: rows)
            case let other: throw UnexpectedOutcome(outcome: other)
            }
        }
        self.init(
            create: { try await user(.create(ValidatedRow($0.row, schema, for: .create))) },
            get: { try await user(.read(.integer($0))) },
            update: { try await user(.patch(.integer($0), ValidatedRow($1.row, schema, for: .patch))) },
            replace: { new in
                let row = UsersAPI.Fields(name: new.name, email: new.email).row
                return try await user(
                    .replace(.integer(new.id), ValidatedRow(row, schema, for: .replace(.integer(new.id)))))
            },
            delete: { id in
                let outcome = try await application.perform(Operation(schema, .delete(.integer(id))))
                guard case .deleted = outcome else { throw UnexpectedOutcome(outcome: outcome) }
            },
            pages: { limit, body in
                var after: Key?
                repeat {
                    let outcome = try await application.perform(Operation(schema, .list(after: after, limit: limit)))
                    guard case .page(let rows, let next) = outcome else { throw UnexpectedOutcome(outcome: outcome) }
                    try await body(try (0..<rows.count).map { try User.schema.record($0, of: rows) })
                    after = next
                } while after != nil
            })
    }
}

private struct UnexpectedOutcome: Error {
    let outcome: Outcome
}

extension UsersAPI.Fields {
    /// What a transport would read from a body.
    fileprivate var row: RowBatch {
        var rows = RowBatch(width: User.schema.resource.fields.count)
        rows.appendAbsentRow()
        if let name { rows.set(row: 0, column: 1, to: name) }
        if let email { rows.set(row: 0, column: 2, to: email) }
        return rows
    }
}
