import Foundation
import MartletTesting
import Testing

@Suite struct PostgresServerTests {
    @Test func `what was committed outlives a stop, also one without tidying up`() async throws {
        let server = try await PostgresServer()
        let database = try await server.makeDatabase()
        try await database.run("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
        for (mode, count) in [(PostgresServer.StopMode.immediate, "1"), (.fast, "2")] {
            try await server.stop(mode)
            await #expect(throws: LiveServerError.self) { try await database.run("SELECT 1") }
            try await server.start()
            #expect(try await database.run("SELECT count(*) FROM t") == count)
            try await database.run("INSERT INTO t VALUES (2)")
        }
    }

    @Test func `connections are found, stand still, go on, and are ended`() async throws {
        let (server, folder) = (try await PostgresServer(), try TemporaryFolder())
        // Longer than the test is waited for: only what is done to it can end it.
        let session = try ChildProcess(
            "/usr/bin/env", ["psql", "-d", server.address.url, "-c", "SELECT pg_sleep(600)"],
            environment: ["PATH": "/usr/bin:/bin", "PGAPPNAME": "a session"], in: folder.path)
        var pids: [Int32] = []
        while pids.isEmpty { pids = try await server.backends(of: "a ", where: "state = 'active'") }
        let backend = try #require(pids.first)
        try server.suspend(backend)
        while try state(of: backend) != "T" { try await Task.sleep(for: .milliseconds(2)) }
        try server.resume(backend)
        while try state(of: backend) == "T" { try await Task.sleep(for: .milliseconds(2)) }
        try await server.terminate(pids)
        #expect(try await session.ending(within: .seconds(60)) == .exited(2))
        #expect(try await server.backends().isEmpty)
    }

    @Test func `other processes are not touched`() async throws {
        let server = try await PostgresServer()
        #expect(throws: LiveServerError.self) { try server.suspend(ProcessInfo.processInfo.processIdentifier) }
    }

    @Test func `a server goes with its owner`() async throws {
        var server: PostgresServer? = try await PostgresServer()
        let folder = try #require(try await server?.address.run("SHOW unix_socket_directories"))
        let postmaster = try #require(
            try String(contentsOfFile: folder + "/data/postmaster.pid", encoding: .utf8).split(separator: "\n").first)
        #expect(FileManager.default.fileExists(atPath: "/proc/\(postmaster)"))
        server = nil
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(postmaster)"))
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    /// As the third field of proc(5)'s `stat` has it.
    private func state(of pid: Int32) throws -> String? {
        try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
            .split(separator: ")").last?.split(separator: " ").first.map(String.init)
    }
}
