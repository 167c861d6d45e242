import MartletKernel
import MartletModel
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPTransport

/// A channel calls its handler back while the handler writes. Whatever it says then, each request is answered once.
struct ReentranceTests {
    private static let large = #"{"text":"\#(String(repeating: "x", count: 70_000))"}"#

    /// Each response is longer than 64 KiB, at which a channel says that it isn't writable.
    private static let resource = Result { () throws(SchemaError) in
        try ResourceSchema(
            "papers", [FieldSchema("id", .integer, [.key(.generated)]), FieldSchema("text", .string)])
    }

    private static func post(_ version: String = "HTTP/1.1", _ fields: String...) -> String {
        "POST /papers \(version)\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(large.utf8.count)\r\n"
            + fields.map { $0 + "\r\n" }.joined() + "\r\n" + large
    }

    // MARK: - On a socket

    /// What a connection sends at once.
    struct Requests: CustomTestStringConvertible {
        let testDescription: String
        let text: String

        init(_ description: String, _ text: String) {
            (testDescription, self.text) = (description, text)
        }
    }

    @Test(arguments: [
        Requests("Connection: close", post("HTTP/1.1", "Connection: close")), Requests("HTTP/1.0", post("HTTP/1.0")),
        Requests("two pipelined", post() + post("HTTP/1.1", "Connection: close")),
        Requests("three pipelined", post() + post() + post("HTTP/1.0")),
    ])
    func `a large response before the connection closes comes once`(requests: Requests) async throws {
        let resource = try Self.resource.get()
        try await TestServer.run {
            $0.resources = [resource]
        } _: { server throws in
            for yields in [false, true] {
                // Answered in another turn than the one in which the request came.
                if yields { server.storage.yieldEach() }
                let connection = try server.connect()
                try connection.send(requests.text)
                let answers = try connection.answersToEnd()
                #expect(answers.map(\.status) == Array(repeating: 201, count: requests.text.ranges(of: "POST").count))
                #expect(answers.map { $0.json?["text"]?.string?.utf8.count } == answers.map { _ in 70_000 })
            }
        }
    }

    @Test func `a large response during a drain comes once`() async throws {
        let resource = try Self.resource.get()
        let server = try await TestServer.start { $0.resources = [resource] }
        let connection = try server.connect()
        server.storage.hold()
        try connection.send(Self.post())
        await server.storage.untilHeld()
        async let drained: Void = server.server.drain()
        // The drain is under way once the listening socket is closed.
        while (try? server.connect()) != nil { try await Task.sleep(for: .milliseconds(5)) }
        try await Task.sleep(for: .milliseconds(50))
        server.storage.release()
        let answers = try connection.answersToEnd()
        #expect(answers.map(\.status) == [201])
        #expect(answers.first?["Connection"] == "close")
        await drained
        await server.server.stop()
    }

    // MARK: - On a channel that calls back

    /// Calls a handler back while it writes.
    private final class Echo: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        let callBack: (ChannelHandlerContext) -> Void

        init(_ callBack: @escaping (ChannelHandlerContext) -> Void) {
            self.callBack = callBack
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            guard unwrapOutboundIn(data).readableBytes > 0 else { return context.write(data, promise: promise) }
            callBack(context)
            context.write(data, promise: promise)
            callBack(context)
        }

        func flush(context: ChannelHandlerContext) {
            context.flush()
            callBack(context)
        }
    }

    private static func channel(
        _ server: ServerContext, _ loop: LoopContext, _ eventLoop: EmbeddedEventLoop,
        _ callBack: @escaping (ChannelHandlerContext) -> Void
    ) throws -> (EmbeddedChannel, HTTPConnection) {
        let channel = EmbeddedChannel(loop: eventLoop)
        let connection = HTTPConnection(server, loop, on: eventLoop)
        try channel.pipeline.syncOperations.addHandlers([Echo(callBack), connection])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return (channel, connection)
    }

    /// Everything that the channel has been given, as answers.
    private static func answers(_ channel: EmbeddedChannel) throws -> [RawAnswer] {
        channel.embeddedEventLoop.run()
        var (bytes, answers) = ([UInt8](), [RawAnswer]())
        while let part = try channel.readOutbound(as: ByteBuffer.self) { bytes += Array(part.readableBytesView) }
        while let (answer, length) = try RawAnswer.parse(bytes, isHead: false) {
            answers.append(answer)
            bytes.removeFirst(length)
        }
        #expect(bytes.isEmpty)
        return answers
    }

    private static let health = "GET /health/live HTTP/1.1\r\nHost: x\r\n"

    @Test(arguments: [
        Requests("kept open", health + "\r\n"), Requests("closed", health + "Connection: close\r\n\r\n"),
        Requests("HTTP/1.0", "GET /health/live HTTP/1.0\r\n\r\n"), Requests("malformed", "BAD\r\n\r\n"),
        Requests("pipelined", health + "\r\n" + health + "\r\n" + health + "Connection: close\r\n\r\n"),
    ])
    func `an event of the same connection while it writes changes nothing`(requests: Requests) throws {
        let server = try TestServer.context()
        let loop = EmbeddedEventLoop()
        let (plain, _) = try Self.channel(server, LoopContext(loop, .system), loop) { _ in }
        try plain.writeInbound(ByteBuffer(string: requests.text))
        let (channel, _) = try Self.channel(server, LoopContext(loop, .system), loop) { context in
            context.pipeline.fireChannelWritabilityChanged()
            context.pipeline.fireChannelRead(ByteBuffer())
        }
        try channel.writeInbound(ByteBuffer(string: requests.text))
        #expect(try Self.answers(channel).map(\.statusLine) == Self.answers(plain).map(\.statusLine))
    }

    @Test func `requests that come while a response is written are answered after it`() throws {
        let loop = EmbeddedEventLoop()
        var left = 3
        let (channel, _) = try Self.channel(TestServer.context(), LoopContext(loop, .system), loop) { context in
            guard left > 0 else { return }
            left -= 1
            context.pipeline.fireChannelRead(ByteBuffer(string: "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"))
        }
        try channel.writeInbound(ByteBuffer(string: Self.health + "\r\n"))
        #expect(try Self.answers(channel).map(\.status) == [200, 404, 404, 404])
    }

    @Test func `a connection that is closed while it writes answers nothing more`() throws {
        let loop = EmbeddedEventLoop()
        let server = try TestServer.context()
        let (channel, _) = try Self.channel(server, LoopContext(loop, .system), loop) { $0.close(promise: nil) }
        _ = try? channel.writeInbound(ByteBuffer(string: Self.health + "\r\n" + Self.health + "\r\n"))
        loop.run()
        #expect(!channel.isActive)
        #expect(server.connections.count == 0)
    }

    @Test func `connections of a loop don't write into each other's responses`() throws {
        let (loop, server) = (EmbeddedEventLoop(), try TestServer.context())
        let shared = LoopContext(loop, .system)
        let (second, _) = try Self.channel(server, shared, loop) { _ in }
        var hasRun = false
        let (first, _) = try Self.channel(server, shared, loop) { _ in
            guard !hasRun else { return }
            hasRun = true
            #expect(throws: Never.self) {
                try second.writeInbound(ByteBuffer(string: "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"))
            }
        }
        try first.writeInbound(ByteBuffer(string: Self.health + "\r\n" + Self.health + "\r\n"))
        #expect(try Self.answers(first).map(\.status) == [200, 200])
        #expect(try Self.answers(second).map(\.status) == [404])
    }
}
