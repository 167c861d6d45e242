import FoundationEssentials
import MartletClient
import MartletModel
import Testing
import UsersModel

/// Keys of every type, and what becomes of them in a path.
@Suite struct KeyTests {
    private let id = UUID(uuidString: "0198C0DE-0000-7000-8000-00000000ABCD")

    @Test func `A key is an integer, a literal among them, a text, a UUID or a Key`() async throws {
        let server = try TestServer { _ in "HTTP/1.1 204 No Content\r\n\r\n" }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let (users, accounts) = (client.resource(User.self), client.resource(Account.self))
        try await users.delete(1)
        try await users.delete(Int64.min)
        try await users.delete(Key.integer(3))
        try await accounts.delete("ada")
        try await accounts.delete("a/b c?#%é.")
        try await client.resource(Sample.self).delete(#require(id))
        #expect(
            server.requests.map(\.target) == [
                "DELETE /users/1", "DELETE /users/-9223372036854775808", "DELETE /users/3", "DELETE /accounts/ada",
                "DELETE /accounts/a%2Fb%20c%3F%23%25%C3%A9.", "DELETE /samples/0198c0de-0000-7000-8000-00000000abcd",
            ])
    }

    @Test func `A key that the resource can't have sends nothing`() async throws {
        let server = try TestServer { _ in "HTTP/1.1 204 No Content\r\n\r\n" }
        defer { server.stop() }
        let client = try MartletClient(server.url)
        let errors = await [
            failure { () throws(MartletError) in try await client.resource(User.self).delete("1") },
            failure { () throws(MartletError) in try await client.resource(Account.self).delete("") },
            failure { () throws(MartletError) in try await client.resource(Account.self).delete(1) },
            failure { () throws(MartletError) in try await client.resource(Sample.self).delete("x") },
        ]
        for error in errors {
            guard case .invalidRequest = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(errors[0]?.description == #""1" is no key of users: its type is integer"#)
        #expect(server.requests.isEmpty)
    }
}
