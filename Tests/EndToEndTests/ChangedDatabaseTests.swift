import MartletTesting
import Testing

/// A PostgreSQL database that somebody changes under a running server.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct ChangedDatabaseTests {
    private func answer(_ line: String, _ server: LiveServer, body: String = "") async throws -> String {
        let connection = try RawConnection(to: server.url)
        let framing = body.isEmpty ? "" : "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
        try connection.send("\(line) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(framing)\r\n\(body)")
        return try await connection.received(until: nil)
    }

    @Test func `a request that a changed table can't serve is answered 503, and the log says what changed`()
        async throws
    {
        let server = try await LiveServer(configuration: .postgres)
        let body = #"{"name":"Ada","email":"ada@example.org"}"#
        #expect(try await answer("POST /users", server, body: body).hasPrefix("HTTP/1.1 201 "))
        let address = PostgresAddress(url: try await PostgresDatabases.url(in: server.folder.path))
        try await address.run("ALTER TABLE users RENAME COLUMN email TO mail")
        for (line, body) in [
            ("GET /users/1", ""), ("GET /users", ""), ("GET /users?sort=-name", ""), ("POST /users", body),
            ("PATCH /users/1", #"{"name":"B"}"#),
        ] {
            let answer = try await answer(line, server, body: body)
            #expect(answer.hasPrefix("HTTP/1.1 503 "), "\(line): \(answer)")
            #expect(answer.contains("others have changed its tables, triggers or rights"))
            #expect(answer.lowercased().contains("retry-after: "))
            #expect(!answer.contains("mail"))
        }
        #expect(server.log.contains("email"))
        #expect(try await answer("GET /health/live", server).hasPrefix("HTTP/1.1 200 "))
        // What is put back is served again, without a restart.
        try await address.run("ALTER TABLE users RENAME COLUMN mail TO email")
        #expect(try await answer("GET /users/1", server).hasPrefix("HTTP/1.1 200 "))
        #expect(try await server.terminate() == .exited(0))
    }
}
