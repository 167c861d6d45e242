import Dispatch
import MartletKernel
import MartletModel
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

/// What the server holds for its clients is bounded, whatever they do.
struct BudgetTests {
    private static let papers = Result { () throws(SchemaError) in
        try ResourceSchema(
            "papers", [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("text", .string)])
    }

    /// A server with so much room, and papers.
    private static func run(
        _ limit: Int, _ configure: @escaping (inout TestServer.Options) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer, BufferBudget) throws -> Void
    ) async throws {
        let (budget, papers) = (BufferBudget(limit: limit), try papers.get())
        try await TestServer.run {
            ($0.budget, $0.resources) = (budget, [papers])
            $0.limits.bodySize = 4 << 20
            configure(&$0)
        } _: { server throws in
            try body(server, budget)
            try expectUnused(budget)
        }
        #expect(budget.bytesInUse == 0)
    }

    private static func expectUnused(_ budget: BufferBudget) throws {
        for _ in 0..<1000 where budget.bytesInUse > 0 { RawConnection.pause(milliseconds: 10) }
        #expect(budget.bytesInUse == 0)
    }

    private static func paper(_ length: Int) -> String {
        #"{"text":"\#(String(repeating: "x", count: length))"}"#
    }

    // MARK: - Bodies

    @Test(arguments: [false, true])
    func `bodies are counted as they come, and refused beyond the limit`(isChunked: Bool) async throws {
        try await Self.run(4 << 20) { server, budget throws in
            let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 1000000"
            let head = Requests.bare("POST", "/papers", ["Content-Type: application/json", framing])
            let part = String(repeating: "x", count: 300_000)
            var held: [RawConnection] = []
            var refused = 0
            for number in 0..<30 {
                let connection = try server.connect()
                // What a length announces takes no room.
                try connection.send(head)
                try connection.send(isChunked ? String(part.utf8.count, radix: 16) + "\r\n" + part : part)
                if number > 4, try connection.hasInput(within: 300) {
                    let answers = try connection.answersToEnd()
                    #expect(answers.map(\.problemCode) == ["overloaded"])
                    #expect(answers.first?["Retry-After"] == "1" && answers.first?["Connection"] == "close")
                    refused += 1
                } else {
                    held.append(connection)
                }
                #expect(budget.bytesInUse <= 4 << 20)
            }
            #expect(held.count >= 5 && refused >= 10)
            // Small requests and those for the health have room.
            #expect(try server.answer(to: Requests.post(Requests.ada)).status == 201)
            for path in ["/health/live", "/health/ready", "/users"] {
                #expect(try server.answer(to: Requests.get(path)).status == 200)
            }
            // A client that asks before is told before.
            let asking = try server.connect()
            try asking.send(head.replacing("\r\n\r\n", with: "\r\nExpect: 100-continue\r\n\r\n"))
            #expect(try asking.answersToEnd().map(\.problemCode) == ["overloaded"])
            held = []
            try Self.expectUnused(budget)
            #expect(try server.answer(to: Requests.post(Self.paper(900_000), to: "/papers")).status == 201)
        }
    }

    @Test func `a health request in two pieces is answered when nothing has room`() async throws {
        try await Self.run(2 << 20) { server, budget throws in
            let all = BufferReservation(in: budget)
            all.force(to: 4 << 20)
            let connection = try server.connect()
            try connection.send("GET /health/live HTT")
            try connection.pause(milliseconds: 50)
            try connection.send("P/1.1\r\nHost: x\r\n\r\n")
            #expect(try connection.answer().status == 200)
            #expect(try server.answer(to: Requests.get("/users")).status == 200)
            #expect(try server.answer(to: Requests.post(Self.paper(20_000), to: "/papers")).problemCode == "overloaded")
            let body = try server.connect()
            try body.send(Requests.bare("POST", "/users", ["Content-Type: application/json", "Content-Length: 9000"]))
            try body.send(String(repeating: " ", count: 5000))
            #expect(try body.answersToEnd().map(\.problemCode) == ["overloaded"])
            all.force(to: 0)
        }
    }

    @Test func `requests that come before the one at work is answered are counted, and dropped without room`()
        async throws
    {
        try await Self.run(1 << 20) { server, budget throws in
            server.storage.hold()
            var connections: [RawConnection] = []
            for _ in 0..<30 {
                let connection = try server.connect()
                try connection.send(
                    Requests.get("/users") + "GET /users HTTP/1.1\r\nX: " + String(repeating: "x", count: 60_000))
                connections.append(connection)
                try connection.pause(milliseconds: 10)
                #expect(budget.bytesInUse <= 1 << 20)
            }
            server.storage.release()
            var ended = 0
            for connection in connections {
                let answer = try connection.answer()
                #expect(answer.status == 200)
                if answer["Connection"] == "close" { ended += 1 }
            }
            #expect(ended >= 5)
        }
    }

    // MARK: - Pages and responses

    @Test func `a page ends early by its bytes, and all pages together have every record once`() async throws {
        try await Self.run(64 << 20, { $0.limits.pageBytes = 250_000 }) { server, _ throws in
            for length in [100_000, 100_000, 100_000, 700_000, 1, 1, 100_000] {
                #expect(try server.answer(to: Requests.post(Self.paper(length), to: "/papers")).status == 201)
            }
            for query in ["?limit=1000", "?limit=1000&sort=-id", "?text.ne=y&limit=1000&count=true"] {
                var (next, pages) = (Optional("/papers" + query), [[Int]]())
                while let target = next, pages.count < 20 {
                    let answer = try server.answer(to: Requests.get(target))
                    #expect(
                        answer.status == 200 && (answer.body.utf8.count < 260_000 || answer.json?.array?.count == 1))
                    if query.contains("count") { #expect(answer["X-Total-Count"] == "7") }
                    pages.append((answer.json?.array ?? []).compactMap { $0["id"]?.integer })
                    next = answer.next
                }
                let isDescending = query.contains("-id")
                #expect(pages.flatMap(\.self) == (isDescending ? Array((1...7).reversed()) : Array(1...7)), "\(query)")
                #expect(pages.map(\.count) == (isDescending ? [3, 1, 2, 1] : [2, 1, 1, 3]), "\(query)")
            }
        }
    }

    /// Control characters take six bytes each in JSON, quotes two.
    @Test(arguments: [("\\u0001", 20_000), ("\\\"", 60_000)])
    func `a page's bytes are those of JSON`(character: String, count: Int) async throws {
        try await Self.run(64 << 20, { $0.limits.pageBytes = 250_000 }) { server, _ throws in
            let text = String(repeating: character, count: count)
            for _ in 0..<4 {
                #expect(try server.answer(to: Requests.post(#"{"text":"\#(text)"}"#, to: "/papers")).status == 201)
            }
            for query in ["", "?sort=-id", "?fields=text"] {
                let page = try server.answer(to: Requests.get("/papers" + query))
                #expect(page.json?.array?.count == 2 && page.body.utf8.count < 250_000 && page.next != nil, "\(query)")
            }
        }
    }

    @Test func `what waits for clients that don't read is bounded, and given back when they go`() async throws {
        try await Self.run(40 << 20, { $0.limits.pageBytes = 16 << 20 }) { server, budget throws in
            // A response of which the system's buffers take but a part.
            for _ in 0..<9 {
                #expect(try server.answer(to: Requests.post(Self.paper(900_000), to: "/papers")).status == 201)
            }
            var slow: [RawConnection] = []
            var refused = 0
            for _ in 0..<12 {
                let connection = try RawConnection(to: server.address, receiveBuffer: 1 << 12)
                try connection.send(Requests.get("/papers"))
                if try connection.peek(3000).contains("overloaded") {
                    refused += 1
                } else {
                    slow.append(connection)
                }
                #expect(budget.bytesInUse <= 40 << 20)
            }
            #expect(slow.count >= 2 && refused >= 3)
            #expect(try server.answer(to: Requests.get("/health/live")).status == 200)
            #expect(try server.answer(to: Requests.get("/users")).status == 200)
            // One that reads after all gets all of it.
            #expect(try slow.removeFirst().answer().json?.array?.count == 9)
            slow = []
            try Self.expectUnused(budget)
            #expect(try server.answer(to: Requests.get("/papers")).json?.array?.count == 9)
        }
    }

    /// Near 4 GiB, beyond it, and where a sum has no room in an integer.
    @Test(arguments: [Int(UInt32.max) - 1, Int(UInt32.max) + 1, 7 << 30, Int.max - 1, Int.max])
    func `what a storage states to have more bytes than there is room for is refused, and the server goes on`(
        bytes: Int
    ) async throws {
        try await Self.run(1 << 20) { server, budget throws in
            #expect(try server.answer(to: Requests.post(Self.paper(20_000), to: "/papers")).status == 201)
            server.storage.state(bytes: bytes)
            let batch = #"{"operations":[{"method":"POST","path":"/papers","body":\#(Self.paper(20_000))}]}"#
            let connection = try server.connect()
            for request in [
                Requests.get("/papers/1"), Requests.get("/papers"), Requests.get("/papers?text.ne=y&count=true"),
                Requests.get("/gadgets?expand=owner"), Requests.post(Self.paper(20_000), to: "/papers"),
                Requests.post("[\(Self.paper(1)),\(Self.paper(20_000))]", to: "/papers"),
                Requests.post(batch, to: "/batch"),
            ] {
                try connection.send(request)
                let answer = try connection.answer()
                #expect(answer.status == 503 && answer.problemCode == "overloaded", "\(request.prefix(40))")
            }
            try Self.expectUnused(budget)
            server.storage.state(bytes: 0)
            #expect(try server.answer(to: Requests.get("/papers")).json?.array?.count == 1)
        }
    }

    @Test func `a large response is made beside the event loop, which answers others meanwhile`() async throws {
        try await Self.run(64 << 20) { server, _ throws in
            for _ in 0..<3 {
                #expect(try server.answer(to: Requests.post(Self.paper(200_000), to: "/papers")).status == 201)
            }
            // All threads that make such responses have something else to do.
            let (begun, end) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let encoders = server.context.encoders
            for _ in 0..<LargeResponse.threads {
                Task {
                    try? await encoders.run {
                        begun.signal()
                        end.wait()
                    }
                }
            }
            for _ in 0..<LargeResponse.threads { begun.wait() }
            let large = try server.connect()
            try large.send(Requests.get("/papers") + Requests.get("/papers/1"))
            #expect(try !large.hasInput(within: 200))
            #expect(try server.answer(to: Requests.get("/health/live")).status == 200)
            #expect(try server.answer(to: Requests.get("/papers/1")).status == 200)
            for _ in 0..<LargeResponse.threads { end.signal() }
            let page = try large.answer()
            #expect(page.status == 200 && page["Content-Type"] == "application/json")
            #expect(page.json?.array?.map { $0["text"]?.string?.utf8.count } == [200_000, 200_000, 200_000])
            #expect(try large.answer().json?["id"]?.integer == 1)
        }
    }

    @Test func `a connection keeps 2 KiB of what its socket is read into, however long its requests`() {
        var pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: ReceiveBufferAllocator())
        /// The bytes that a socket with so many gives at once, and the memory that they are in.
        func read(_ bytes: Int) -> [Int] {
            let (buffer, count) = pool.buffer(allocator: ByteBufferAllocator()) { buffer in
                buffer.writeRepeatingByte(0, count: min(bytes, buffer.writableBytes))
            }
            pool.record(actualReadBytes: count)
            return [count, buffer.storageCapacity]
        }
        for _ in 0..<3 {
            #expect(read(100) == [100, 2048] && read(100_000) == [2048, 2048])
            #expect(read(100_000) == [65536, 65536] && read(34_464) == [34_464, 65536])
            #expect(read(100) == [100, 65536] && pool.count == 1)
        }
    }

    @Test func `the memory of a response that isn't taken is used for no other`() {
        let loop = LoopContext(EmbeddedEventLoop(), .system)
        var first = loop.takeBuffer()
        first.writeRepeatingByte(1, count: 10_000)
        #expect(loop.recycle(first) == false)
        // The test has it still, as a channel whose client takes nothing.
        #expect(first.readableBytes == 10_000)
        var second = loop.takeBuffer()
        #expect(second.capacity == 4096)
        second.writeRepeatingByte(2, count: 100)
    }

    @Test func `a connection doesn't keep what its last request asked for`() throws {
        let loop = EmbeddedEventLoop()
        let server = try TestServer.context()
        let connection = HTTPConnection(server, LoopContext(loop, .system), on: loop)
        let channel = EmbeddedChannel(handler: connection, loop: loop)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let names = Array(repeating: "xx", count: 900).joined(separator: ",")
        try channel.writeInbound(ByteBuffer(string: "OPTIONS /users?name.in=\(names) HTTP/1.1\r\nHost: x\r\n\r\n"))
        guard case .head = connection.state, case .success(.none) = connection.exchange.work else {
            Issue.record("it has a plan")
            return
        }
        // 900 values take more memory than their bytes.
        #expect(connection.exchange.parsedBytes >= 4 * 2700)
    }

    @Test func `one write stores 16 MiB at most, or as much as a body may have`() {
        var limits = Limits()
        #expect(limits.writeBytes == 16 << 20)
        limits.bodySize = 20 << 20
        #expect(limits.writeBytes == 20 << 20)
    }
}
