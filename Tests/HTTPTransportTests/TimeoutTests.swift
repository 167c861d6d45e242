import MartletModel
import NIOCore
import Testing

@testable import HTTPTransport

/// No client holds a connection by being slow.
struct TimeoutTests {
    private static let soon = TimeAmount.milliseconds(50)

    @Test(arguments: ["G", "GET /users HTTP/1.1\r\n", "GET /users HTTP/1.1\r\nHost: x\r\nA: b"])
    func `a head that isn't finished in time is answered with 408`(start: String) async throws {
        try await TestServer.run {
            $0.timeouts.header = Self.soon
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/health/live") + start)
            let answers = try connection.answersToEnd()
            #expect(answers.map(\.status) == [200, 408])
            #expect(answers.last?.problemCode == "request_timeout")
            #expect(answers.last?["Connection"] == "close")
        }
    }

    @Test func `a head that trickles gains no time by it`() async throws {
        try await TestServer.run {
            $0.timeouts.header = .milliseconds(200)
        } _: { server throws in
            let connection = try server.connect()
            try connection.send("GET /users HTTP/1.1\r\n")
            // The server closes while this goes on, which is how it ends.
            while (try? connection.send("A: b\r\n")) != nil {
                if try connection.hasInput(within: 10) { break }
            }
            #expect(try connection.answer().status == 408)
        }
    }

    @Test(arguments: ["Content-Length: 100", "Transfer-Encoding: chunked"])
    func `a body that isn't finished in time is answered with 408`(framing: String) async throws {
        try await TestServer.run {
            $0.timeouts.body = Self.soon
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.bare("POST", "/users", ["Content-Type: application/json", framing]) + "5")
            let answers = try connection.answersToEnd()
            #expect(answers.map(\.status) == [408])
            #expect(server.storage.commits == 0)
        }
    }

    @Test func `a slow body is taken when it is within its time`() async throws {
        try await TestServer.run {
            $0.timeouts.header = Self.soon
        } _: { server throws in
            let connection = try server.connect()
            let request = Requests.post(Requests.ada)
            try connection.send(String(request.dropLast(10)))
            // Longer than a head may take.
            #expect(try !connection.hasInput(within: 150))
            try connection.send(String(request.suffix(10)))
            #expect(try connection.answer().status == 201)
        }
    }

    @Test func `an idle connection is closed without a word, also after a request`() async throws {
        try await TestServer.run {
            $0.timeouts.idle = Self.soon
        } _: { server throws in
            #expect(try server.connect().endsSilently())
            let connection = try server.connect()
            try connection.send(Requests.get("/health/live"))
            #expect(try connection.answer().status == 200)
            #expect(try connection.endsSilently())
        }
    }

    @Test func `a request that takes long is not cut`() async throws {
        let server = try await TestServer.start {
            ($0.timeouts.header, $0.timeouts.body, $0.timeouts.idle, $0.timeouts.write) = (
                Self.soon, Self.soon, Self.soon, Self.soon
            )
        }
        server.storage.hold()
        let connection = try server.connect()
        try connection.send(Requests.post(Requests.ada))
        await server.storage.untilHeld()
        #expect(try await blocking { try !connection.hasInput(within: 200) })
        server.storage.release()
        #expect(try connection.answer().status == 201)
        await server.server.stop()
    }

    @Test func `a client that takes nothing of its answers is cut, one that takes some is not`() async throws {
        try await TestServer.run {
            $0.timeouts.write = .seconds(2)
            $0.timeouts.idle = .seconds(60)
        } _: { server throws in
            let name = String(repeating: "x", count: 200)
            for number in 0..<100 {
                _ = try server.answer(to: Requests.post(#"{"name":"\#(name)","email":"\#(number)@example.org"}"#))
            }
            let slow = try RawConnection(to: server.address, receiveBuffer: 4096)
            let stalled = try RawConnection(to: server.address, receiveBuffer: 4096)
            // 12 MB of answers: beyond what the sockets' buffers hold.
            for _ in 0..<500 {
                try slow.send(Requests.get("/users"))
                try stalled.send(Requests.get("/users"))
            }
            for number in 1...500 {
                _ = try slow.answer()
                // Slow all in all, but never still for as long as the limit.
                if number % 20 == 0 { try slow.pause(milliseconds: 60) }
            }
            // Cut at the second look at the latest, as it took some in the beginning.
            try stalled.pause(milliseconds: 5000)
            #expect(stalled.countToEnd() < 500 * (try server.answer(to: Requests.get("/users")).body.utf8.count))
        }
    }

    @Test func `a connection behind a refusal is held only for a while`() async throws {
        try await TestServer.run {
            $0.timeouts.linger = Self.soon
        } _: { server throws in
            let connection = try server.connect()
            try connection.send("BAD\r\n\r\n")
            #expect(try connection.answer().status == 400)
            // The server has closed its side, and then gives up on ours.
            #expect(try connection.endsSilently())
            #expect(connection.isCut(within: 5000))
        }
    }
}
