import MartletKernel
import MartletModel
import MartletTesting
import Testing
import UsersModel

/// Entries of idempotency keys that an earlier version has left.
struct FormerScopeTests {
    private let users = User.schema.resource

    private func write(_ name: String, scope: String, formerScope: String? = nil) throws -> Write {
        var rows = RowBatch(width: users.width)
        rows.appendAbsentRow()
        rows.set(row: 0, column: 1, to: name)
        rows.set(row: 0, column: 2, to: "\(name.lowercased())@example.org")
        let row = try ValidatedRow(rows, users, for: .create)
        return Write(
            Mutation(users, .insert(row)),
            idempotency: Idempotency(scope: scope, fingerprint: 1, formerScope: formerScope))
    }

    @Test func `a request whose key was kept under the former scope is answered as the first time`() async throws {
        let storage = MemoryStorage()
        try await storage.prepare([users])
        let application = Application(resources: [users], storage: storage)
        let first = try await application.write(write("Ada", scope: "POST /%75sers k"), .test)
        let again = try await application.write(
            write("Ada", scope: "POST /users k", formerScope: "POST /%75sers k"), .test)
        #expect(again == first)
        #expect(try await application.list(ListRequest(users, limit: 10), .test).rows.count == 1)
        let other = try await application.write(
            write("Bea", scope: "POST /users l", formerScope: "POST /%75sers l"), .test)
        #expect(other != first)
    }
}
