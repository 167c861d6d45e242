import MartletTesting
import Testing

/// Two servers on one PostgreSQL database, one with older and one with newer resources, over HTTP.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct RollingDeployTests {
    let folder: TemporaryFolder
    let url: String

    init() async throws {
        folder = try TemporaryFolder()
        url = try await PostgresDatabases.url(in: folder.path)
    }

    private static let key = "fields:\n  id: { type: integer, key: generated }\n"
    private static let older =
        key + "  code: { type: integer, nullable: true }\n  parent: { type: integer, nullable: true }\n"
    private static let newer =
        key + """
              code: { type: integer, nullable: true, unique: true }
              parent: { references: items, nullable: true, onDelete: restrict }
              rank: { type: integer, default: 7 }
              madeAt: { type: timestamp, managed: createdAt }

            """

    private func server(_ items: String) async throws -> LiveServer {
        let settings = ["storage.use": "postgres", "storage.postgres.url": url, "resources.use": "declared"]
        return try await LiveServer(configuration: .init(settings: settings).serving(["items": items]))
    }

    private func status(_ method: String, _ path: String, _ body: String = "", _ server: LiveServer) async throws
        -> String
    {
        let connection = try RawConnection(to: server.url)
        try connection.send(
            """
            \(method) \(path) HTTP/1.1\r
            Host: localhost\r
            Connection: close\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """)
        return try await connection.received(until: nil)
    }

    private func expectConstraints(_ server: LiveServer, used code: Int) async throws {
        let made = try await status("POST", "/items", "{\"code\":\(code)}", server)
        #expect(made.hasPrefix("HTTP/1.1 201 "), "\(made)")
        let taken = try await status("POST", "/items", "{\"code\":\(code)}", server)
        #expect(taken.hasPrefix("HTTP/1.1 409 ") && taken.contains("\"unique_taken\""), "\(taken)")
        let missing = try await status("POST", "/items", #"{"parent":777}"#, server)
        #expect(missing.hasPrefix("HTTP/1.1 422 "), "\(missing)")
    }

    @Test func `what a new length refuses is told with its field, of one record, of an array and of a batch`()
        async throws
    {
        let older = try await server(Self.key + "  s: { type: string }\n  t: { type: string, default: x }\n")
        _ = try await server(
            Self.key + "  s: { type: string, length: ..6 }\n  t: { type: string, default: x, length: ..6 }\n")
        let (good, bad) = (#"{"s":"ok"}"#, #"{"s":"much too long"}"#)
        for (path, body, pointers) in [
            ("/items", #"{"s":"much too long","t":"this one too"}"#, ["#/s", "#/t"]),
            ("/items", "[\(good),\(bad),\(bad)]", ["#/1/s", "#/2/s"]),
            (
                "/batch",
                #"{"operations":[{"method":"POST","path":"/items","body":\#(good)},"#
                    + #"{"method":"POST","path":"/items","body":\#(bad)}]}"#, ["#/operations/1/body/s"]
            ),
        ] {
            let response = try await status("POST", path, body, older)
            #expect(response.hasPrefix("HTTP/1.1 422 "), "\(response)")
            for pointer in pointers {
                #expect(response.contains("\"pointer\":\"\(pointer)\",\"code\":\"refused\""), "\(response)")
            }
            #expect(response.matches(of: /"pointer"/).count == pointers.count)
        }
    }

    @Test func `both keep the newer one's constraints, also after the older one starts again`() async throws {
        let older = try await server(Self.older)
        let newer = try await server(Self.newer)
        try await expectConstraints(older, used: 1)
        try await expectConstraints(newer, used: 2)
        try await older.kill()
        try await older.restart()
        let warnings = LogLine.all(in: older.log).filter { $0.message.contains("were migrated for later resources") }
        #expect(warnings.count == 1)
        try await expectConstraints(older, used: 3)
        try await expectConstraints(newer, used: 4)
        let child = try await status("POST", "/items", #"{"parent":1}"#, older)
        #expect(child.hasPrefix("HTTP/1.1 201 "), "\(child)")
        for server in [older, newer] {
            let kept = try await status("DELETE", "/items/1", "", server)
            #expect(kept.hasPrefix("HTTP/1.1 409 "), "\(kept)")
        }
        // What the older one has made has the newer one's default.
        #expect(try await status("GET", "/items/1", "", newer).contains("\"rank\":7"))
    }
}
