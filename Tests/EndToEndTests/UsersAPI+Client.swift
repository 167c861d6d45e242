import MartletClient
import UserScenarios
import UsersModel

extension UsersAPI {
    /// Users on a server.
    init(_ client: MartletClient) {
        let users = client.resource(User.self)
        self.init(
            create: { fields in try await problems { try await users.create { fields.set(&$0) } } },
            get: { id in try await problems { try await users.get(id) } },
            update: { id, fields in try await problems { try await users.update(id) { fields.set(&$0) } } },
            replace: { user in try await problems { try await users.replace(user) } },
            delete: { id in try await problems { try await users.delete(id) } },
            pages: { limit, body in
                for try await page in users.list(limit: limit).pages { try await body(page) }
            })
    }
}

/// Throws the server's problem alone, as an application in this process does.
private func problems<Value: Sendable>(_ call: () async throws -> Value) async throws -> Value {
    do {
        return try await call()
    } catch MartletError.problem(let problem) {
        throw problem
    }
}

extension UsersAPI.Fields {
    fileprivate func set(_ draft: inout Draft<User>) {
        if let name { draft.name = name }
        if let email { draft.email = email }
    }
}
