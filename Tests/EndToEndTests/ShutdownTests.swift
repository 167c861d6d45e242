import Glibc
import MartletClient
import MartletTesting
import Testing
import UsersModel

@Suite struct ShutdownTests {
    private static let body = (beginning: #"{"name":"Ada","#, end: #""email":"ada@example.org"}"#)

    @Test(arguments: LiveServer.Configuration.all, [SIGTERM, SIGINT, SIGHUP])
    func `a server that is told to end finishes what was begun`(
        _ configuration: LiveServer.Configuration, _ signal: Int32
    ) async throws {
        let server = try await LiveServer(configuration: configuration)
        let connection = try await requestInFlight(to: server)
        server.send(signal)
        try await eventually { server.log.contains("shutting down") }
        try connection.send(Self.body.end)
        let answer = try await connection.received(until: nil)
        #expect(answer.hasPrefix("HTTP/1.1 201 "), "\(answer)")
        // Whether it says `Connection: close` depends on what comes first: the drain to the connection, or the rest of the body.
        #expect(try await server.ending(within: .seconds(30)) == .exited(0))

        try await server.restart()
        let users = try await MartletClient(server.url).resource(User.self).list().reduce(into: []) { $0.append($1) }
        #expect(users.map(\.email) == ["ada@example.org"])
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `a request that never ends keeps a server no longer than the grace`(
        _ configuration: LiveServer.Configuration
    ) async throws {
        let server = try await LiveServer(configuration: configuration.with(grace: "100ms"))
        let connection = try await requestInFlight(to: server)
        #expect(try await server.terminate() == .exited(0))
        // Nothing of it was done.
        try await server.restart()
        #expect(try await MartletClient(server.url).resource(User.self).list().reduce(0) { count, _ in count + 1 } == 0)
        withExtendedLifetime(connection) {}
    }

    @Test(arguments: LiveServer.Configuration.all)
    func `a second signal ends a server at once`(_ configuration: LiveServer.Configuration) async throws {
        let server = try await LiveServer(configuration: configuration.with(grace: "1h"))
        let connection = try await requestInFlight(to: server)
        server.send(SIGTERM)
        try await eventually { server.log.contains("shutting down") }
        server.send(SIGTERM)
        // Without the second one it would take the hour.
        #expect(try await server.ending(within: .seconds(60)) == .exited(128 + SIGTERM))
        withExtendedLifetime(connection) {}
    }

    @Test func `a signal that nothing is done for ends no server`() async throws {
        let server = try await LiveServer(configuration: .sqlite)
        let connection = try await requestInFlight(to: server)
        for signal in [SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPIPE] { server.send(signal) }
        // The server is still there to be told to end, and finishes what was begun.
        server.send(SIGTERM)
        try await eventually { server.log.contains("shutting down") }
        try connection.send(Self.body.end)
        #expect(try await connection.received(until: nil).hasPrefix("HTTP/1.1 201 "))
        #expect(try await server.ending(within: .seconds(30)) == .exited(0))
    }

    /// A connection with half a request on it that the server has taken up: it has asked for the body.
    private func requestInFlight(to server: LiveServer) async throws -> RawConnection {
        let connection = try RawConnection(to: server.url)
        try connection.send(
            """
            POST /users HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/json\r
            Content-Length: \(Self.body.beginning.utf8.count + Self.body.end.utf8.count)\r
            Expect: 100-continue\r
            \r

            """)
        let answer = try await connection.received(until: "\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 100 "))
        try connection.send(Self.body.beginning)
        return connection
    }

    private func eventually(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            // Looked at once more behind the deadline: on a busy machine a short sleep can be longer than that.
            let isLast = ContinuousClock.now >= deadline
            if condition() { return }
            try #require(!isLast, "it should have happened within 30 s")
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}

extension LiveServer.Configuration {
    fileprivate func with(grace: String) -> LiveServer.Configuration {
        var configuration = self
        configuration.settings["shutdown.grace"] = grace
        return configuration
    }
}
