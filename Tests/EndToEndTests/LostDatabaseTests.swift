import Foundation
import Glibc
import MartletTesting
import Testing

/// A database file that somebody takes away from a running server.
@Suite(.enabled(if: Backend.isChosen("sqlite"))) struct LostDatabaseTests {
    private func answer(_ request: String, _ server: LiveServer) async throws -> String {
        let connection = try RawConnection(to: server.url)
        try connection.send(request)
        return try await connection.received(until: nil)
    }

    private func post(_ email: String, _ server: LiveServer) async throws -> String {
        let body = #"{"name":"Ada","email":"\#(email)"}"#
        return try await answer(
            """
            POST /users HTTP/1.1\r
            Host: localhost\r
            Connection: close\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """, server)
    }

    private func ready(_ server: LiveServer) async throws -> String {
        try await answer("GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", server)
    }

    @Test func `once its files are deleted a server refuses writes, is not ready, and says so once`() async throws {
        let server = try await LiveServer(configuration: .sqlite)
        #expect(try await post("a@example.org", server).hasPrefix("HTTP/1.1 201 "))
        for suffix in ["", "-wal", "-shm", ".lock"] {
            try FileManager.default.removeItem(atPath: server.folder.file("martlet.db" + suffix))
        }
        for _ in 0..<3 { #expect(try await post("b@example.org", server).hasPrefix("HTTP/1.1 503 ")) }
        #expect(try await ready(server).hasPrefix("HTTP/1.1 503 "))
        let complaints = LogLine.all(in: server.log).filter { $0.message == "the database takes no writes" }
        #expect(complaints.count == 1)
        #expect(complaints.first?.metadata["reason"]?.contains("martlet.db was deleted, moved or replaced") == true)
        #expect(try await server.terminate() == .exited(0))
        // It has made nothing in their place, and the next start begins anew.
        try await server.restart()
        #expect(try await post("c@example.org", server).hasPrefix("HTTP/1.1 201 "))
    }

    @Test func `a second server is refused, by a hard link too, and when the lock file was deleted`() async throws {
        let server = try await LiveServer(configuration: .sqlite)
        let link = server.folder.file("link.db")
        #expect(Glibc.link(server.folder.file("martlet.db"), link) == 0)
        try FileManager.default.removeItem(atPath: server.folder.file("martlet.db.lock"))
        for name in ["martlet.db", "link.db"] {
            let settings = ["storage.use=sqlite", "storage.sqlite.path=\(name)", "transport.http.port=0"]
            let second = try await Command(["serve"] + settings.flatMap { ["--set", $0] }, in: server.folder)
            #expect(second.ending == .exited(69), "\(name)")
            #expect(second.errors.contains("is in use by another server"), "\(second.errors)")
        }
        #expect(try await post("a@example.org", server).hasPrefix("HTTP/1.1 201 "))
    }
}
