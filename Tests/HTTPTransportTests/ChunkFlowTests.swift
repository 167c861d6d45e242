import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import NIOCore
import Synchronization
import Testing

@testable import HTTPTransport

/// Content that comes in chunks with clients and producers of any pace, and when the server stops.
struct ChunkFlowTests {
    private static let soon = TimeAmount.milliseconds(50)
    private static let chunk = [UInt8](repeating: 97, count: 64 << 10)

    // MARK: - Clients

    @Test func `a client that takes its time is sent no more than it takes`() async throws {
        let budget = BufferBudget()
        let made = Atomic(0)
        try await TestServer.run {
            $0.budget = budget
            $0.routes = [
                .streaming { number in
                    made.store(number + 1, ordering: .relaxed)
                    return number < 16_384 ? Self.chunk : nil
                }
            ]
        } _: { server throws in
            let connection = try RawConnection(to: server.address, receiveBuffer: 1 << 14)
            try connection.send(Requests.get("/chunks"))
            var taken = 0
            for _ in 0..<20 {
                try connection.receive()
                taken += connection.takeReceived().utf8.count
                try connection.pause(milliseconds: 50)
                // A chunk, and a piece of it in the channel, in a buffer of the next power of two.
                #expect(budget.bytesInUse <= Self.chunk.count + 128 << 10)
                #expect(try server.answer(to: Requests.get("/health/live")).status == 200)
            }
            // The system's own buffers have the rest.
            #expect(made.load(ordering: .relaxed) * Self.chunk.count <= taken + 16 << 20)
            #expect(made.load(ordering: .relaxed) >= 3)
        }
        #expect(budget.bytesInUse == 0)
    }

    @Test func `a long chunk is sent as the client takes it, and counted until then`() async throws {
        let (budget, chunk) = (BufferBudget(), [UInt8](repeating: 97, count: 32 << 20))
        try await TestServer.run {
            $0.budget = budget
            $0.routes = [.streaming { $0 == 0 ? chunk : nil }]
        } _: { server throws in
            // The chunk is more than the system's buffers take, so that some of it waits.
            let connection = try RawConnection(to: server.address, receiveBuffer: 1 << 14)
            try connection.send(Requests.get("/chunks"))
            #expect(eventually { budget.bytesInUse >= chunk.count })
            // No more of it is written once the system's buffers are full.
            var last = -1
            #expect(
                eventually {
                    defer { last = budget.bytesInUse }
                    RawConnection.pause(milliseconds: 200)
                    return last == budget.bytesInUse
                })
            // With a piece of it in the channel, in a buffer of the next power of two.
            #expect((chunk.count...chunk.count + 128 << 10).contains(budget.bytesInUse))
            connection.closeOutput()
            #expect(connection.countToEnd() > chunk.count)
            #expect(eventually { budget.bytesInUse == 0 })
        }
    }

    @Test func `short chunks for a client that takes nothing don't fill memory with buffers`() async throws {
        let budget = BufferBudget()
        let made = Atomic(0)
        try await TestServer.run {
            $0.budget = budget
            $0.routes = [
                .streaming { number in
                    made.store(number, ordering: .relaxed)
                    return [UInt8](repeating: 97, count: 512)
                }
            ]
        } _: { server throws in
            let connection = try RawConnection(to: server.address, receiveBuffer: 1 << 14)
            try connection.send(Requests.get("/chunks"))
            // The system's buffers are full once no more chunks are asked for.
            var last = -1
            #expect(
                eventually {
                    defer { last = made.load(ordering: .relaxed) }
                    RawConnection.pause(milliseconds: 200)
                    return last > 0 && last == made.load(ordering: .relaxed)
                })
            #expect(budget.bytesInUse <= 16 << 10)
        }
        #expect(budget.bytesInUse == 0)
    }

    @Test(arguments: [512, 64 << 10])
    func `a client that stops reading is cut`(size: Int) async throws {
        let (budget, ended) = (BufferBudget(), Gate())
        try await TestServer.run {
            ($0.budget, $0.timeouts.write) = (budget, .milliseconds(300))
            $0.routes = [
                .streaming { _ in
                    if Task.isCancelled { ended.open() }
                    return [UInt8](repeating: 97, count: size)
                }
            ]
        } _: { server throws in
            let connection = try RawConnection(to: server.address, receiveBuffer: 1 << 12)
            try connection.send(Requests.get("/chunks"))
            #expect(eventually { server.context.connections.count == 1 })
            #expect(eventually { server.context.connections.count == 0 })
            #expect(budget.bytesInUse == 0)
            let lines = server.log.entries.filter { $0.metadata["route"]?.description == "/chunks" }
            #expect(lines.map(\.level) == [.info])
            #expect(connection.countToEnd() > 0)
        }
    }

    /// Opens `cancelled` when the task is cancelled that waits for it.
    private static func waitForever(_ cancelled: Gate) async throws {
        do {
            try await Task.sleep(for: .seconds(3600))
        } catch {
            cancelled.open()
            throw error
        }
    }

    @Test func `when the client goes away, the producer is cancelled and nothing is kept`() async throws {
        let (budget, cancelled) = (BufferBudget(), Gate())
        try await TestServer.run {
            $0.budget = budget
            $0.routes = [
                .streaming { number in
                    if number > 0 { try await Self.waitForever(cancelled) }
                    return Array("aaa".utf8)
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks"))
            _ = try connection.text(through: "aaa\r\n")
            connection.reset()
            #expect(cancelled.opens())
            #expect(eventually { server.context.connections.count == 0 && budget.bytesInUse == 0 })
            // A client that has gone is no error of the server's.
            #expect(server.log.entries.filter { $0.level == .error }.isEmpty)
        }
    }

    @Test func `an endless content ends when its client sends nothing more`() async throws {
        let cancelled = Gate()
        try await TestServer.run {
            $0.routes = [
                .streaming(isEndless: true) { number in
                    if number > 0 { try await Self.waitForever(cancelled) }
                    return Array("tick".utf8)
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks"))
            _ = try connection.text(through: "4\r\ntick\r\n")
            connection.closeOutput()
            #expect(cancelled.opens())
            while try connection.receive() {}
            #expect(connection.takeReceived() == "0\r\n\r\n")
            #expect(eventually { server.context.connections.count == 0 })
        }
    }

    @Test func `a content with an end is finished for a client that sends nothing more`() async throws {
        try await TestServer.run {
            $0.routes = [
                .streaming { number in
                    try await Task.sleep(for: .milliseconds(50))
                    return number < 3 ? Array("tick".utf8) : nil
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks"))
            connection.closeOutput()
            #expect(try connection.answerToEnd().chunks?.count == 3)
        }
    }

    // MARK: - Producers

    @Test func `a producer that never waits leaves others their turn`() async throws {
        try await TestServer.run {
            $0.routes = [.streaming(isEndless: true) { _ in [97] }]
        } _: { server throws in
            let (begun, isOver) = (Gate(), Gate())
            // Clients that are always faster than the server: one byte each time is a system call for it.
            for _ in 0..<2 {
                Task {
                    await onThread {
                        guard let client = try? server.connect() else { return }
                        try? client.send(Requests.get("/chunks"))
                        while !isOver.isOpen, (try? client.receive()) == true {
                            begun.open()
                            _ = client.takeReceived()
                        }
                    }
                }
            }
            #expect(begun.opens())
            defer { isOver.open() }
            for _ in 0..<20 {
                #expect(try server.answer(to: Requests.get("/health/live")).status == 200)
            }
        }
    }

    @Test func `a producer that waits for long is waited for`() async throws {
        try await TestServer.run {
            ($0.timeouts.header, $0.timeouts.body, $0.timeouts.idle, $0.timeouts.write) = (
                Self.soon, Self.soon, Self.soon, Self.soon
            )
            $0.routes = [
                .streaming { number in
                    try await Task.sleep(for: .milliseconds(300))
                    return number < 2 ? Array("tick".utf8) : nil
                }
            ]
        } _: { server throws in
            let connection = try server.connect()
            try connection.send(Requests.get("/chunks"))
            #expect(try connection.chunkedAnswer().content == "4\r\ntick\r\n4\r\ntick\r\n0\r\n\r\n")
        }
    }

    // MARK: - Drains

    @Test func `a drain lets a content with an end come to it`() async throws {
        let (begun, end) = (Gate(), Gate())
        let server = try await TestServer.start {
            $0.routes = [
                .streaming { number in
                    begun.open()
                    await end.untilOpen()
                    return number == 0 ? Array("chunk".utf8) : nil
                }
            ]
        }
        let connection = try server.connect()
        try connection.send(Requests.get("/chunks") + Requests.get("/users"))
        await begun.untilOpen()
        async let drained: Void = server.server.drain()
        while !server.context.connections.isDraining { await Task.yield() }
        end.open()
        let content = try await blocking {
            let content = try connection.answerToEnd().content
            connection.closeOutput()
            return content
        }
        #expect(content == "5\r\nchunk\r\n0\r\n\r\n")
        await drained
        await server.server.stop()
    }

    @Test(arguments: ["HTTP/1.1", "HTTP/1.0"])
    func `a drain ends an endless content at once`(version: String) async throws {
        let (waits, cancelled) = (Gate(), Gate())
        let server = try await TestServer.start {
            $0.routes = [
                .streaming(isEndless: true) { number in
                    guard number > 0 else { return Array("tick".utf8) }
                    waits.open()
                    try await Self.waitForever(cancelled)
                    return nil
                }
            ]
        }
        let connection = try server.connect()
        try connection.send("GET /chunks \(version)\r\nHost: x\r\n\r\n")
        await waits.untilOpen()
        async let drained: Void = server.server.drain()
        let content = try await blocking {
            let content = try connection.answerToEnd().content
            connection.closeOutput()
            return content
        }
        #expect(content == (version == "HTTP/1.1" ? "4\r\ntick\r\n0\r\n\r\n" : "tick"))
        #expect(cancelled.isOpen)
        await drained
        await server.server.stop()
        #expect(server.log.entries.filter { $0.level == .error }.isEmpty)
    }

    @Test(arguments: [false, true])
    func `what doesn't end is cut when the time is up`(isEndless: Bool) async throws {
        let (waits, end) = (Gate(), Gate())
        let server = try await TestServer.start {
            $0.routes = [
                .streaming(isEndless: isEndless) { _ in
                    waits.open()
                    await end.untilOpen()
                    return nil
                }
            ]
        }
        let connection = try server.connect()
        try connection.send(Requests.get("/chunks"))
        await waits.untilOpen()
        let draining = Task { await server.server.drain() }
        while !server.context.connections.isDraining { await Task.yield() }
        draining.cancel()
        await draining.value
        #expect(try await blocking { try connection.answerToEnd().content } == "")
        end.open()
        await server.server.stop()
        #expect(server.context.connections.count == 0)
    }
}
