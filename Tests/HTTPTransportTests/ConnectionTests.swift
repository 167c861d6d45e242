import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import NIOCore
import Testing

@testable import HTTPTransport

/// How a connection goes from request to request.
struct ConnectionTests {
    private static let longName = String(repeating: "x", count: 200)

    @Test func `fifty requests at once are answered in their order`() async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            var requests = ""
            for number in 0..<50 {
                let body = #"{"name":"\#(number)","email":"\#(number)@example.org"}"#
                requests += number % 2 == 0 ? Requests.post(body) : Requests.chunkedPost(body)
            }
            try connection.send(requests)
            for number in 0..<50 {
                let answer = try connection.answer()
                #expect(answer.status == 201)
                #expect(answer.json?["name"]?.string == "\(number)")
                #expect(answer.json?["id"]?.integer == number + 1)
            }
        }
    }

    @Test func `requests wait behind the one that is being served`() async throws {
        let server = try await TestServer.start()
        server.storage.hold()
        let connection = try server.connect()
        // The second one needs no storage, and is answered second all the same.
        try connection.send(Requests.post(Requests.ada) + Requests.get("/health/live"))
        await server.storage.untilHeld()
        server.storage.release()
        #expect(try connection.answer().status == 201)
        #expect(try connection.answer().status == 200)
        await server.server.stop()
    }

    @Test func `a thousand requests and large answers pass through a client that reads late`() async throws {
        try await TestServer.run { server throws in
            let name = String(repeating: "x", count: 200)
            for number in 0..<100 {
                let answer = try server.answer(
                    to: Requests.post(#"{"name":"\#(name)","email":"\#(number)@example.org"}"#))
                #expect(answer.status == 201)
            }
            let connection = try server.connect()
            let whole = try server.answer(to: Requests.get("/users")).body
            // 25 MB of answers: far more than the sockets' buffers hold, so the server has to stop and go on.
            for _ in 0..<1000 { try connection.send(Requests.get("/users")) }
            for _ in 0..<1000 { #expect(try connection.answer().body == whole) }
        }
    }

    @Test func `a client that closes its side is still answered`() async throws {
        try await TestServer.run { server throws in
            let answers = try server.answers(to: Requests.post(Requests.ada) + Requests.get("/users/1"))
            #expect(answers.map(\.status) == [201, 200])
        }
        let server = try await TestServer.start()
        server.storage.hold()
        let connection = try server.connect()
        try connection.send(Requests.post(Requests.ada) + Requests.get("/users/1"))
        connection.closeOutput()
        await server.storage.untilHeld()
        server.storage.release()
        #expect(try connection.answersToEnd().map(\.status) == [201, 200])
        await server.server.stop()
    }

    @Test func `a client that has closed its side, and reads late, gets the whole of its last answer`() async throws {
        try await TestServer.run { server throws in
            for start in stride(from: 0, to: 1000, by: 50) {
                let connection = try server.connect()
                for number in start..<start + 50 {
                    try connection.send(
                        Requests.post(#"{"name":"\#(Self.longName)","email":"\#(number)@example.org"}"#))
                }
                for _ in 0..<50 { #expect(try connection.answer().status == 201) }
            }
            let whole = try server.answer(to: Requests.get("/users?limit=1000")).body
            for fields in [["Connection: close"], []] {
                let connection = try RawConnection(to: server.address, receiveBuffer: 1 << 15)
                // More than the sockets' buffers hold.
                let requests = Requests.get("/users?limit=1000") + Requests.get("/users?limit=1000")
                try connection.send(
                    requests + Requests.bare("GET", "/users?limit=1000", fields) + (fields.isEmpty ? "" : "GET"))
                connection.closeOutput()
                try connection.pause(milliseconds: 50)
                #expect(try connection.answersToEnd().map(\.body) == [whole, whole, whole])
            }
        }
    }

    @Test func `a client that vanishes does no harm, and what it asked for is done`() async throws {
        let server = try await TestServer.start()
        server.storage.hold()
        let connection = try server.connect()
        try connection.send(Requests.post(Requests.ada))
        await server.storage.untilHeld()
        connection.reset()
        server.storage.release()
        // Stopping waits for the request that is still being worked on.
        #expect(try server.answer(to: Requests.get("/health/live")).status == 200)
        await server.server.stop()
        #expect(server.storage.commits == 1)
        #expect(server.log.entries.contains { $0.metadata["status"] == "201" })
    }

    /// What fails is the server's fault otherwise, and then an error.
    @Test(arguments: [StorageError.unavailable("the storage's reason"), .outcomeUnknown("the storage's reason")])
    func `what fails after its client has hung up is no error in the log`(_ error: StorageError) async throws {
        for hangsUp in [true, false] {
            let server = try await TestServer.start()
            server.storage.hold()
            let connection = try server.connect()
            try connection.send(Requests.post(Requests.ada))
            await server.storage.untilHeld()
            if hangsUp {
                connection.reset()
                // The event loop has met that once it answers this.
                #expect(try server.answer(to: Requests.get("/health/live")).status == 200)
            }
            server.storage.fail(with: error)
            server.storage.release()
            if !hangsUp { _ = try connection.answer() }
            await server.server.stop()
            let line = server.log.entries.first { $0.metadata["route"] == "/users" }
            #expect(line?.level == (hangsUp ? .info : .error), "\(server.log.entries)")
            #expect(server.log.entries.contains { $0.level >= .warning } == !hangsUp)
        }
    }

    @Test func `resets in the middle of requests do no harm`() async throws {
        try await TestServer.run { server throws in
            let bytes = Array(Requests.post(Requests.ada).utf8)
            for length in stride(from: 1, to: bytes.count, by: 3) {
                let connection = try server.connect()
                try connection.send(Array(bytes[..<length]))
                connection.reset()
            }
            #expect(try server.answer(to: Requests.post(Requests.ada)).json?["id"]?.integer == 1)
        }
    }

    // MARK: - Versions and persistence

    @Test func `HTTP 1.0 closes unless it is asked not to`() async throws {
        try await TestServer.run { server throws in
            let once = try server.connect()
            try once.send("GET /health/live HTTP/1.0\r\n\r\n")
            let answers = try once.answersToEnd()
            #expect(answers.map(\.statusLine) == ["HTTP/1.1 200 OK"])
            #expect(answers[0]["Connection"] == "close")

            let kept = try server.connect()
            for _ in 0..<2 {
                try kept.send("GET /health/live HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
                #expect(try kept.answer()["Connection"] == "keep-alive")
            }
        }
    }

    @Test(arguments: ["close", "Close", "x, close", "keep-alive, close", "close, keep-alive"])
    func `a client can close`(option: String) async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/health/live", "Connection: \(option)") + Requests.post(Requests.ada))
            let answers = try connection.answersToEnd()
            #expect(answers.map(\.status) == [200])
            #expect(answers[0]["Connection"] == "close")
            #expect(server.storage.commits == 0)
        }
    }

    @Test func `one empty line before a request is passed over`() async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            for number in 0..<2 {
                try connection.send("\r\n" + Requests.post(#"{"name":"Ada","email":"\#(number)@example.org"}"#))
                #expect(try connection.answer().status == 201)
            }
        }
    }

    @Test(arguments: [("\r\n", ""), ("\r", "\n")])
    func `an empty line after the last request is not answered`(end: String, rest: String) async throws {
        try await TestServer.run {
            $0.timeouts.header = .milliseconds(50)
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.post(Requests.ada) + end)
            #expect(try connection.answer().status == 201)
            // The time for a head passes: none has begun.
            #expect(try !connection.hasInput(within: 200))
            try connection.send(rest + Requests.get("/health/live") + end)
            #expect(try connection.answer().status == 200)
            connection.closeOutput()
            #expect(try connection.answersToEnd().isEmpty)
        }
    }

    // MARK: - Expect

    private static let expecting = Requests.bare(
        "POST", "/users",
        ["Content-Type: application/json", "Expect: 100-Continue", "Content-Length: \(Requests.ada.utf8.count)"])

    @Test func `a client that waits for it is told to go on`() async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send(Self.expecting)
            #expect(try connection.answer().statusLine == "HTTP/1.1 100 Continue")
            try connection.send(Requests.ada)
            #expect(try connection.answer().status == 201)
            // One that doesn't wait isn't told.
            try connection.send(Self.expecting + Requests.ada)
            #expect(try connection.answer().status == 409)
            // Nor is an HTTP/1.0 client.
            try connection.send(Self.expecting.replacing("HTTP/1.1", with: "HTTP/1.0"))
            try connection.send(Requests.ada)
            #expect(try connection.answer().status == 409)
        }
    }

    @Test(arguments: [
        ("Content-Length: \(Requests.ada.utf8.count)", "Content-Length: 2000000", 413),
        ("/users", "/nothing", 404), ("application/json", "text/plain", 415), ("POST", "PUT", 405),
        ("100-Continue", "a-miracle", 417),
    ])
    func `a body that isn't wanted isn't asked for`(what: String, instead: String, status: Int) async throws {
        try await TestServer.run { server throws in
            let connection = try server.connect()
            try connection.send(Self.expecting.replacing(what, with: instead))
            let answer = try connection.answer()
            #expect(answer.status == status)
            #expect(answer["Connection"] == "close")
        }
    }

    // MARK: - Ids, dates, logs

    @Test func `a request's id is the client's if it is sane, else a UUID that goes by the time`() async throws {
        try await TestServer.run {
            $0.clock = .init { 1_700_000_000_123_456 }
            $0.random = .init { 0x0123_4567_89AB_CDEF }
        } _: { server throws in
            #expect(try server.answer(to: Requests.get("/users", "X-Request-Id: a.B_9-"))["X-Request-Id"] == "a.B_9-")
            let long = String(repeating: "x", count: 129)
            for field in ["X-Request-Id: a b", "X-Request-Id:", "X-Request-Id: \(long)", "X-Request-Id: é", "A: b"] {
                let id = try #require(try server.answer(to: Requests.get("/users", field))["X-Request-Id"])
                #expect(id.hasPrefix("018bcfe5-687b-7def-"))
            }
            let ids = try (0..<3).map { _ in try server.answer(to: Requests.get("/users"))["X-Request-Id"] ?? "" }
            #expect(Set(ids).count == 3)
            #expect(ids == ids.sorted())
            #expect(try server.answer(to: Requests.get("/"))["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT")
        }
    }

    @Test func `a request is one line of the log, without its data`() async throws {
        try await TestServer.run { server throws in
            _ = try server.answer(to: Requests.post(Requests.ada))
            let read = try server.answer(to: Requests.get("/users/1", "X-Request-Id: mine"))
            _ = try server.answer(to: Requests.get("/users?secret=1"))
            _ = try server.answers(to: "BAD\r\n\r\n")
            let lines = server.log.entries
            #expect(lines.map { $0.metadata["method"] } == ["POST", "GET", "GET", "-"])
            #expect(lines.map { $0.metadata["route"] } == ["/users", "/users/{id}", "/users", "-"])
            #expect(lines.map { $0.metadata["status"] } == ["201", "200", "400", "400"])
            #expect(lines.allSatisfy { $0.level == .info })
            #expect(lines[1].metadata["bytes"] == "\(read.body.utf8.count)")
            #expect(lines[1].metadata["requestId"] == "mine")
            #expect(lines.allSatisfy { $0.metadata["durationMs"].flatMap { Double($0.description) } != nil })
            #expect(!lines.contains { $0.metadata.description.contains(/secret|Ada/) })
        }
    }
}
