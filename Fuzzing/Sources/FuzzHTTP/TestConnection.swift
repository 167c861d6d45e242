import FuzzSupport
import Logging
import MartletKernel
import MartletModel
import MartletTesting
import NIOCore
import NIOEmbedded

@testable import HTTPTransport

/// A connection of a server of its own, with two records of `loose` in memory, without a socket and without a clock: the
/// same bytes always get the same answer.
struct TestConnection {
    private static let router: Router = {
        let documentation = Documentation(
            resources: Schemas.all, title: "Fuzzing", assets: "/nonexistent")
        return Router(resources: Schemas.all, basePath: "", documentation: documentation)
    }()
    private static let log = AccessLog(Logger(label: "fuzzing") { _ in SwiftLogNoOpLogHandler() }, isOn: false)
    private static let crossOrigin = CrossOrigin(AllowedOrigins(text: "http://x"), withCredentials: true)
    private static let records = #"[{"s":"Ada"},{"i":1,"j":{"a":[]}}]"#

    let channel = EmbeddedChannel()

    init() {
        let (clock, random) = (WallClock { 1_767_225_600_000_000 }, RandomSource { 0x0123_4567_89AB_CDEF })
        let storage = MemoryStorage()
        let application = Application(resources: Schemas.all, storage: storage, clock: clock, random: random)
        var limits = Limits()
        // Few records are a page.
        limits.pageBytes = 300
        let server = ServerContext(
            application: application, router: Self.router, limits: limits, timeouts: Timeouts(),
            crossOrigin: Self.crossOrigin, clock: clock, log: Self.log, budget: BufferBudget())
        let loop = LoopContext(channel.eventLoop, random)
        Task.immediate(executorPreference: loop.executor) { try? await storage.prepare(Schemas.all) }
        channel.embeddedEventLoop.run()
        do {
            try channel.pipeline.syncOperations.addHandler(HTTPConnection(server, loop, on: channel.eventLoop))
            channel.pipeline.fireChannelActive()
        } catch {
            Fuzzer.expect(false, "a channel takes its handler: \(error)")
        }
        let answer = send(Self.request("POST", "/loose", Array(Self.records.utf8)))
        Fuzzer.expect(answer.starts(with: "HTTP/1.1 201 ".utf8), "the first records are taken")
    }

    static func batch(_ body: UnsafeRawBufferPointer) -> BatchPlan? { try? BatchPlan(body, router) }

    static func request(_ method: String, _ path: String, _ body: [UInt8]) -> [UInt8] {
        let head = """
            \(method) \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n
            """
        return Array(head.utf8) + body
    }

    /// - Returns: what was answered so far.
    func send(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        do {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            channel.embeddedEventLoop.run()
            return try taken()
        } catch {
            Fuzzer.expect(error is ChannelError, "a connection has no errors: \(error)")
            return []
        }
    }

    /// Lets the client send nothing more, and ends the connection.
    /// - Returns: what was still answered.
    func finish() -> [UInt8] {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.embeddedEventLoop.run()
        let last = (try? taken()) ?? []
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return last
    }

    private func taken() throws -> [UInt8] {
        var answers: [UInt8] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { answers += bytes.readableBytesView }
        return answers
    }
}
