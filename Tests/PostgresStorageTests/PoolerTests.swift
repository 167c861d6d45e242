import Foundation
import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import PostgresStorage

/// Poolers between Martlet and PostgreSQL.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct PoolerTests {
    private static let program = "/usr/sbin/pgbouncer"
    private let fixture: Fixture
    private let notes: ResourceSchema

    init() async throws {
        (fixture, notes) = (try await Fixture.withOwnServer(), try Fixture.notes())
    }

    private func start(_ url: String, timeout: Duration = .seconds(5)) async -> String {
        let pooled = fixture.at(url)
        return await fixture.refusal { try await pooled.open([notes], pooled.options { $0.timeout = timeout }) }
    }

    @Test func `one that gives statements to connections in turn is refused, before anything is done`() async throws {
        let pooler = try fixture.proxy(connectionsPerClient: 2)
        let refusal = await start(pooler.address.url)
        #expect(refusal.contains(PoolerCheck.refusal), "\(refusal)")
        #expect(try await fixture.address.run("SELECT to_regclass('notes')") == "")
    }

    @Test func `a proxy that keeps connections as they are is none`() async throws {
        let proxy = try fixture.proxy()
        #expect(await start(proxy.address.url) == "nothing")
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: program)),
        arguments: [
            ("transaction", 1, "there is a transaction pooler before it"), ("transaction", 20, PoolerCheck.refusal),
            ("statement", 20, "pooler"),
            ("session", 1, "all of the pooler's connections may be in use"),
            ("session", 20, ""),
        ])
    func `PgBouncer serves in session mode, as long as it has connections`(
        _ mode: String, _ size: Int, _ part: String
    ) async throws {
        let folder = try TemporaryFolder()
        let name = try #require(fixture.address.url.firstMatch(of: #/test_[0-9a-f]+/#)).output
        let host = try #require(fixture.address.url.firstMatch(of: #/host=([^&]+)/#)?.output.1)
        try folder.write("\"martlet\" \"\"\n", to: "users")
        try folder.write(
            """
            [databases]
            \(name) = host=\(host) user=martlet
            [pgbouncer]
            unix_socket_dir = \(folder.path)
            listen_port = 5432
            listen_addr =
            auth_type = trust
            auth_file = \(folder.file("users"))
            pool_mode = \(mode)
            default_pool_size = \(size)
            """, to: "ini")
        let isRoot = geteuid() == 0
        if isRoot { chmod(folder.path, 0o777) }
        let user = isRoot ? ["-u", "postgres"] : []
        let process = try ChildProcess(
            Self.program, user + [folder.file("ini")], environment: [:], in: folder.path, log: folder.file("log"))
        defer { process.send(SIGKILL) }
        while !FileManager.default.fileExists(atPath: folder.file(".s.PGSQL.5432")) {
            try #require(
                process.ending == nil, "\((try? String(contentsOfFile: folder.file("log"), encoding: .utf8)) ?? "")")
            try await Task.sleep(for: .milliseconds(20))
        }
        let refusal = await start(
            "postgresql://martlet@/\(name)?host=\(folder.path)", timeout: .seconds(size == 1 ? 2 : 20))
        #expect(part.isEmpty ? refusal == "nothing" : refusal.contains(part), "\(refusal)")
    }
}
