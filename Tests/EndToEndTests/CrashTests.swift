import Foundation
import Glibc
import MartletClient
import MartletTesting
import Synchronization
import Testing
import UsersModel

/// `kill -9` while eight clients write. `scripts/crash` does it fifty times.
@Suite struct CrashTests {
    @Test(arguments: LiveServer.Configuration.all)
    func `what was acknowledged outlives a killed server`(_ configuration: LiveServer.Configuration) async throws {
        let seed = TestSeed.forRun(of: "kill -9 under writers")
        var random = SplitMix64(seed: seed)
        let server = try await LiveServer(configuration: configuration)
        var acknowledged: [User] = []
        for round in 0..<3 {
            let enough = Int.random(in: 1...200, using: &random)
            acknowledged += try await usersWrittenUntilKilled(server, round: round, enough: enough)
            let file = server.folder.file("martlet.db")
            // PostgreSQL is no part of what was killed.
            if FileManager.default.fileExists(atPath: file) { #expect(try integrity(of: file) == "ok") }
            try await server.restart()
            let users = try MartletClient(server.url).resource(User.self)
            let stored = try await users.list(limit: 1000).reduce(into: Set<String>()) { $0.insert(describe($1)) }
            #expect(acknowledged.filter { !stored.contains(describe($0)) } == [])
        }
    }

    /// Kills the server once so many users were acknowledged, while more are under way.
    private func usersWrittenUntilKilled(_ server: LiveServer, round: Int, enough: Int) async throws -> [User] {
        let users = try MartletClient(server.url).resource(User.self)
        let acknowledged = Acknowledged()
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    for number in 0... {
                        let user = try? await users.create {
                            $0.name = "Writer \(writer)"
                            $0.email = "u\(round).\(writer).\(number)@example.org"
                        }
                        guard let user else { return }
                        if acknowledged.append(user) >= enough { server.send(SIGKILL) }
                    }
                }
            }
        }
        #expect(try await server.ending(within: .seconds(30)) == .signalled(SIGKILL))
        let written = acknowledged.all
        #expect(written.count >= enough)
        return written
    }

    private func describe(_ user: User) -> String { "\(user.id) \(user.name) \(user.email)" }
}

private final class Acknowledged: Sendable {
    private let users = Mutex<[User]>([])

    var all: [User] { users.withLock { $0 } }

    /// - Returns: how many they are now.
    func append(_ user: User) -> Int {
        users.withLock { users in
            users.append(user)
            return users.count
        }
    }
}
