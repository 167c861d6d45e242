import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import NIOCore
import Testing

@testable import HTTPTransport

/// How content that comes in chunks is framed, and how it ends.
struct ChunksTests {
    private static func text(_ count: Int) -> String {
        String(decoding: (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }, as: UTF8.self)
    }

    private struct Broken: Error {}

    // MARK: - Framing

    @Test func `each chunk has its size in hexadecimal, and the connection is kept`() async throws {
        try await TestServer.run {
            $0.routes = [.streaming(["a", "", "0123456789abcdef", "é\r\n0\r\n\r\n", ""])]
        } _: { server throws in
            let connection = try server.connect()
            for _ in 0..<2 {
                try connection.send(Requests.get("/chunks"))
                // One of the chunks has what the last one looks like.
                let texts = try (0..<2).map { _ in try connection.text(through: "\r\n0\r\n\r\n") }
                let answer = ChunkedAnswer(texts.joined())
                #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.has("Content-Type: text/plain") && answer.has("Transfer-Encoding: chunked"))
                #expect(!answer.head.contains("Content-Length") && !answer.head.contains("Connection"))
                #expect(
                    answer.content
                        == "1\r\na\r\n10\r\n0123456789abcdef\r\n9\r\né\r\n0\r\n\r\n\r\n0\r\n\r\n")
            }
            try connection.send(Requests.get("/health/live"))
            #expect(try connection.answer().status == 200)
        }
    }

    @Test func `no chunks, and empty ones, are an empty content`() async throws {
        for chunks in [[], [""], ["", "", ""]] {
            try await TestServer.run {
                $0.routes = [.streaming(chunks)]
            } _: { server throws in
                let connection = try server.connect()
                try connection.send(Requests.get("/chunks") + Requests.get("/health/live"))
                #expect(try connection.text(through: "\r\n\r\n0\r\n\r\n").contains("200 OK"))
                #expect(try connection.answer().status == 200)
            }
        }
    }

    @Test func `requests before and after it are answered in their order`() async throws {
        try await TestServer.run {
            $0.routes = [.streaming(["one", "two"])]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(
                Requests.get("/nothing") + Requests.get("/chunks") + Requests.get("/chunks") + Requests.get("/users")
                    + Requests.get("/chunks", "Connection: close") + Requests.get("/users"))
            #expect(try connection.answer().status == 404)
            for _ in 0..<2 {
                #expect(try connection.chunkedAnswer().content == "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")
            }
            #expect(try connection.answer().body == "[]")
            let last = try connection.answerToEnd()
            #expect(last.content == "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n" && last.has("Connection: close"))
        }
    }

    @Test func `HEAD has the head of GET, and asks for no chunk`() async throws {
        let asked = Gate()
        try await TestServer.run {
            $0.routes = [
                .streaming { _ in
                    asked.open()
                    return nil
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.bare("HEAD", "/chunks") + Requests.get("/health/live"))
            let head = try connection.answer(isHead: true)
            #expect(
                head.status == 200 && head["Transfer-Encoding"] == "chunked" && head["Content-Type"] == "text/plain")
            #expect(try connection.answer().status == 200)
            #expect(!asked.isOpen)
        }
    }

    @Test(arguments: ["", "Connection: keep-alive\r\n"])
    func `for HTTP 1 0 the content ends with the connection`(field: String) async throws {
        try await TestServer.run {
            $0.routes = [.streaming(["one", "", "two"])]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send("GET /chunks HTTP/1.0\r\n\(field)\r\n" + Requests.get("/users"))
            let answer = try connection.answerToEnd()
            #expect(answer.content == "onetwo")
            #expect(!answer.head.contains("Transfer-Encoding") && answer.has("Connection: close"))
        }
    }

    @Test func `the head has the fields of every response`() async throws {
        try await TestServer.run {
            ($0.routes, $0.allowedOrigins) = ([.streaming(["one"])], "https://a.example")
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks", "Origin: https://a.example", "X-Request-Id: mine"))
            let answer = try connection.chunkedAnswer()
            #expect(answer.has("X-Request-Id: mine") && answer.has("Access-Control-Allow-Origin: https://a.example"))
            #expect(answer.has("Vary: Accept, Prefer, Origin") && answer.has("X-Content-Type-Options: nosniff"))
        }
    }

    @Test(arguments: [65_519, 65_520, 65_521, 5_000_000])
    func `a long chunk is sent in pieces`(count: Int) async throws {
        let (budget, text) = (BufferBudget(), Self.text(count))
        try await TestServer.run {
            ($0.routes, $0.budget) = ([.streaming([text, "end"])], budget)
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks"))
            let chunks = try #require(try connection.chunkedAnswer().chunks)
            #expect(chunks.joined() == text + "end")
            #expect(chunks.allSatisfy { $0.utf8.count <= HTTPConnection.chunkPieceSize })
            #expect(chunks.count == (count + 65_519) / 65_520 + 1)
            #expect(eventually { budget.bytesInUse == 0 })
            try connection.send(Requests.get("/health/live"))
            #expect(try connection.answer().status == 200)
        }
    }

    // MARK: - Failures

    /// What the log has of a request for chunks.
    private static func logged(_ server: TestServer) -> (level: Logger.Level, cause: String, bytes: String)? {
        #expect(eventually { server.log.entries.contains { $0.metadata["route"]?.description == "/chunks" } })
        let entries = server.log.entries.filter { $0.metadata["route"]?.description == "/chunks" }
        #expect(entries.count == 1)
        return entries.first.map { entry in
            (entry.level, entry.metadata["cause"]?.description ?? "", entry.metadata["bytes"]?.description ?? "")
        }
    }

    @Test(arguments: [0, 1, 3])
    func `content that fails ends without the last chunk, and the log has the cause`(count: Int) async throws {
        try await TestServer.run {
            $0.routes = [
                .streaming { number in
                    if number == count { throw Broken() }
                    return Array("chunk".utf8)
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks") + Requests.get("/users"))
            let answer = try connection.answerToEnd()
            #expect(answer.content == String(repeating: "5\r\nchunk\r\n", count: count))
            let logged = try #require(Self.logged(server))
            #expect(logged.level == .error && logged.cause.contains("Broken") && logged.bytes == "\(5 * count)")
            #expect(try server.answer(to: Requests.get("/health/live")).status == 200)
        }
    }

    @Test func `content that fails is reset for HTTP 1 0, which would take it for the whole`() async throws {
        try await TestServer.run {
            $0.routes = [
                .streaming { number in
                    if number == 1 { throw Broken() }
                    return Array("chunk".utf8)
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(throws: RawConnection.Failure.self) { try connection.answerToEnd() }
            let logged = try #require(Self.logged(server))
            #expect(logged.level == .error && logged.cause.contains("Broken") && logged.bytes == "5")
            #expect(eventually { server.context.connections.count == 0 })
        }
    }

    @Test func `a chunk that finds no room ends the content, and the log says why`() async throws {
        let budget = BufferBudget(limit: 1 << 20)
        try await TestServer.run {
            $0.budget = budget
            $0.routes = [.streaming { $0 < 2 ? [UInt8](repeating: 97, count: $0 == 0 ? 500_000 : 2_000_000) : nil }]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks"))
            #expect(try !connection.answerToEnd().content.hasSuffix("\r\n0\r\n\r\n"))
            let logged = try #require(Self.logged(server))
            #expect(logged.level == .error && logged.bytes == "500000")
            #expect(
                logged.cause.contains("2000000 bytes") && logged.cause.contains("maxBufferedBytes"), "\(logged.cause)")
            #expect(eventually { budget.bytesInUse == 0 })
        }
    }

    @Test func `what a handler has read is counted until it reads again`() async throws {
        let budget = BufferBudget(limit: 1 << 20)
        let route = Route(
            Endpoint<NoContent, NoContent>(.get, "/chunks", "Streams"), streaming: "text/plain"
        ) { _, request in
            NumberedChunks { number in
                guard number < 200 else { return nil }
                // A read of a page every ten chunks.
                if number % 10 == 0, request.context.reservation?.grow(by: 100_000) != true { throw Broken() }
                if number > 10, !(100_000...200_000).contains(budget.bytesInUse) { throw Broken() }
                return Array("chunk".utf8)
            }
        }
        try await TestServer.run {
            ($0.budget, $0.routes) = (budget, [route])
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks"))
            #expect(try connection.chunkedAnswer().chunks?.count == 200)
            #expect(eventually { budget.bytesInUse == 0 })
        }
    }

    @Test func `when input was dropped meanwhile, the connection ends with the content`() async throws {
        let (budget, begun, end) = (BufferBudget(limit: 1 << 20), Gate(), Gate())
        try await TestServer.run {
            $0.budget = budget
            $0.routes = [
                .streaming { number in
                    begun.open()
                    await end.untilOpen()
                    return number == 0 ? Array("chunk".utf8) : nil
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks"))
            #expect(begun.opens())
            let all = BufferReservation(in: budget)
            all.force(to: 2 << 20)
            // It finds no room. What follows it would be taken for a request if the connection went on.
            try connection.send("GET /users HTTP/1.1\r\nX: " + String(repeating: "x", count: 10_000))
            try connection.pause(milliseconds: 300)
            all.force(to: 0)
            end.open()
            try connection.send("\r\n\r\n" + Requests.get("/users"))
            #expect(try connection.answerToEnd().content == "5\r\nchunk\r\n0\r\n\r\n")
        }
    }
}
