import Glibc
import MartletModel
import NIOCore
import Testing

@testable import HTTPTransport

/// Starting, stopping, and how many connections there are in between.
struct LifecycleTests {
    @Test func `draining finishes what is under way, refuses what comes, and closes what is idle`() async throws {
        // On a path that nobody else takes: a TCP port that is free again might be another test's the next moment.
        let path = temporaryPath()
        let server = try await TestServer.start { $0.address = .unix(path: path) }
        let (idle, busy, begun) = (try server.connect(), try server.connect(), try server.connect())
        for connection in [idle, busy, begun] {
            try connection.send(Requests.get("/health/live"))
            #expect(try connection.answer().status == 200)
        }
        server.storage.hold()
        try busy.send(Requests.post(Requests.ada) + Requests.post(Requests.ada))
        try begun.send("GET /users HTTP/1.1\r\n")
        await server.storage.untilHeld()
        // A request that is begun on another connection of the same loop is known once a later one is answered.
        #expect(try server.answer(to: Requests.get("/health/live")).status == 200)

        async let drained: Void = server.server.drain()
        #expect(try await blocking { try idle.endsSilently() })
        #expect(throws: (any Error).self) { try server.connect() }
        try begun.send("Host: x\r\n\r\n")
        let refused = try await blocking { try begun.answer() }
        #expect(refused.problemCode == "shutting_down")
        #expect(refused["Retry-After"] == "1")
        #expect(refused["Connection"] == "close")

        server.storage.release()
        let answers = try await blocking { try busy.answersToEnd() }
        #expect(answers.map(\.status) == [201])
        #expect(answers.first?["Connection"] == "close")
        busy.closeOutput()
        begun.closeOutput()
        await drained
        await server.server.stop()
        #expect(server.storage.commits == 1)
    }

    @Test func `draining that is cancelled cuts every connection`() async throws {
        let server = try await TestServer.start()
        let connection = try server.connect()
        try connection.send("GET /users HTTP/1.1\r\n")
        let draining = Task { await server.server.drain() }
        draining.cancel()
        await draining.value
        await server.server.stop()
        #expect(try await blocking { try connection.endsSilently() })
    }

    @Test func `a storage that doesn't answer holds neither the drain, once it is cancelled, nor the stop`()
        async throws
    {
        let server = try await TestServer.start()
        let connection = try server.connect()
        server.storage.hold()
        try connection.send(Requests.post(Requests.ada))
        await server.storage.untilHeld()
        let draining = Task { await server.server.drain() }
        draining.cancel()
        await draining.value
        await server.server.stop()
        #expect(try await blocking { try connection.endsSilently() })
        // What it still answers finds its event loop.
        server.storage.release()
    }

    @Test func `an address that is taken is named`() async throws {
        let first = try await TestServer.start()
        let port = try #require(first.address.port)
        await #expect(throws: ListenError(.tcp(host: "127.0.0.1", port: port), code: EADDRINUSE)) {
            try await TestServer.start { $0.address = .tcp(host: "127.0.0.1", port: port) }
        }
        await first.server.stop()
        await #expect(throws: ListenError.self) {
            try await TestServer.start { $0.address = .tcp(host: "host.invalid", port: 0) }
        }
    }

    @Test func `an address is free again after a stop`() async throws {
        // Another test's connection may happen to take the port in between.
        for attempt in 1... {
            let first = try await TestServer.start()
            let address = ListenAddress.tcp(host: "127.0.0.1", port: try #require(first.address.port))
            await first.server.stop()
            do {
                let second = try await TestServer.start { $0.address = address }
                return await second.server.stop()
            } catch  where attempt < 10 {
                continue
            }
        }
    }

    @Test func `beyond the connections that are allowed, others wait for one to close`() async throws {
        try await TestServer.run {
            ($0.maxConnections, $0.threads) = (2, 2)
        } _: { server throws in
            let first = try server.connect()
            var second: RawConnection? = try server.connect()
            for connection in [first, second] {
                try connection?.send(Requests.get("/health/live"))
                #expect(try connection?.answer().status == 200)
            }
            // The server keeps some for its health, until these are all at work.
            server.storage.hold()
            var kept: [RawConnection] = []
            for _ in 0..<ServerSettings.healthConnections {
                let probe = try server.connect()
                try probe.send(Requests.get("/health/ready"))
                kept.append(probe)
            }
            let third = try server.connect()
            try third.send(Requests.get("/health/live"))
            #expect(try !third.hasInput(within: 100))
            second = nil
            #expect(try third.answer().status == 200)
            server.storage.release()
            for probe in kept { #expect(try probe.answer().status == 200) }
            try first.send(Requests.get("/health/live", "Connection: close"))
            #expect(try first.answersToEnd().map(\.status) == [200])
        }
    }

    @Test func `however many connections are silent, a server with all that it may have answers about its health`()
        async throws
    {
        try await TestServer.run {
            ($0.maxConnections, $0.threads) = (2, 2)
        } _: { server throws in
            // The first two are those that it may have: by their answers they are known to be there.
            let kept = [try server.connect(), try server.connect()]
            for connection in kept {
                try connection.send(Requests.get("/users"))
                #expect(try connection.answer().status == 200)
            }
            let silent = try (0..<200).map { _ in try server.connect() }
            for path in ["/health/live", "/health/ready"] {
                // One that says nothing for a second is closed: on a busy machine this one, too. So it is asked again.
                let statuses = (0..<20).lazy.map { _ in try? server.answer(to: Requests.get(path)).status }
                #expect(statuses.contains(200))
            }
            for connection in kept {
                try connection.send(Requests.get("/users"))
                #expect(try connection.answer().status == 200)
            }
            // The others made room for the next, the oldest first: about, as two loops accept them.
            for connection in silent[..<150] { #expect(try connection.endsSilently()) }
        }
    }

    @Test func `a server with all its connections still answers about its health`() async throws {
        try await TestServer.run {
            ($0.maxConnections, $0.timeouts.header) = (1, .milliseconds(300))
        } _: { server throws in
            let only = try server.connect()
            try only.send(Requests.get("/users"))
            #expect(try only.answer().status == 200)
            for path in ["/health/live", "/health/ready"] {
                let probe = try server.connect()
                try probe.send(Requests.get(path) + Requests.get(path))
                let answers = try probe.answersToEnd()
                #expect(answers.map(\.status) == [200])
                #expect(answers.first?["Connection"] == "close")
            }
            let other = try server.connect()
            try other.send(Requests.get("/users"))
            let refused = try other.answersToEnd()
            #expect(refused.map(\.problemCode) == ["overloaded"])
            #expect(refused.first?["Retry-After"] == "1")
            // What asks nothing holds no place for long.
            #expect(try server.connect().answersToEnd().map(\.status) == [408])
            try only.send(Requests.get("/users"))
            #expect(try only.answer().status == 200)
        }
    }

    // MARK: - Unix sockets

    private func temporaryPath() -> String { "/tmp/martlet-http-\(UInt64.random(in: 0 ... .max)).sock" }

    @Test func `a Unix socket is removed at the stop`() async throws {
        let path = temporaryPath()
        try await TestServer.run {
            $0.address = .unix(path: path)
        } _: { server throws in
            #expect(server.address.url == "unix:\(path)")
            #expect(access(path, F_OK) == 0)
            #expect(try server.answer(to: Requests.post(Requests.ada)).status == 201)
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test(arguments: ["0660", "600", "0777"])
    func `a Unix socket has the mode that unixSocketMode says`(text: String) async throws {
        let path = temporaryPath()
        try await TestServer.run {
            ($0.address, $0.socketMode) = (.unix(path: path), UnixSocketFile.mode(text))
        } _: { _ in
            var status = stat()
            #expect(lstat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == UInt32(text, radix: 8))
        }
    }

    @Test(arguments: ["", "66", "00660", "0o66", "0668", "1777", "rw-", "-660", "+660", " 660"])
    func `what is no file mode is refused`(text: String) {
        #expect(UnixSocketFile.mode(text) == nil)
    }

    @Test func `a Unix socket on which nobody listens any more is replaced`() async throws {
        let path = temporaryPath()
        let address = try SocketAddress(unixDomainSocketPath: path)
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        #expect(address.withSockAddr { bind(stale, $0, socklen_t($1)) } == 0)
        close(stale)
        #expect(access(path, F_OK) == 0)
        try await TestServer.run {
            $0.address = .unix(path: path)
        } _: { server throws in
            #expect(try server.answer(to: Requests.get("/users")).status == 200)
        }
    }

    @Test func `a Unix socket on which somebody listens is left alone`() async throws {
        let path = temporaryPath()
        let first = try await TestServer.start { $0.address = .unix(path: path) }
        await #expect(throws: ListenError(.unix(path: path), "another server listens there")) {
            try await TestServer.start { $0.address = .unix(path: path) }
        }
        #expect(try await blocking { try first.answer(to: Requests.get("/users")).status } == 200)
        await first.server.stop()
    }

    @Test func `a file that is no socket is never deleted`() async throws {
        let path = temporaryPath()
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        defer { unlink(path) }
        await #expect(throws: ListenError(.unix(path: path), "the file is there and is no socket")) {
            try await TestServer.start { $0.address = .unix(path: path) }
        }
        #expect(access(path, F_OK) == 0)
    }

    @Test func `a socket that another server has put in our place is not removed`() async throws {
        let path = temporaryPath()
        let first = try await TestServer.start { $0.address = .unix(path: path) }
        unlink(path)
        let second = try await TestServer.start { $0.address = .unix(path: path) }
        await first.server.stop()
        #expect(try await blocking { try second.answer(to: Requests.get("/users")).status } == 200)
        await second.server.stop()
    }
}
