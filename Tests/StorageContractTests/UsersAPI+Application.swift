import MartletKernel
import MartletModel
import MartletTesting
import UserScenarios
import UsersModel

extension UsersAPI {
    /// Users in this process: an application on a storage, and no transport.
    init(_ application: Application) {
        let schema = User.schema.resource
        @Sendable func written(_ change: Mutation.Change) async throws -> RowBatch {
            try await application.write(Write(Mutation(schema, change)), .test)[0].record
        }
        @Sendable func user(_ change: Mutation.Change) async throws -> User {
            try User.schema.record(0, of: try await written(change))
        }
        self.init(
            create: { try await user(.insert(ValidatedRow($0.row, schema, for: .create))) },
            get: { id in
                try User.schema.record(0, of: try await application.read(.integer(id), of: schema, .test).row)
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
                    let page = try await application.list(request, .test)
                    try await body(try (0..<page.rows.count).map { try User.schema.record($0, of: page.rows) })
                    request.after = page.next
                } while request.after != nil
            })
    }
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
