import MartletKernel
import NIOCore
import NIOPosix
import Testing

@testable import HTTPTransport

/// What belongs to an event loop stops a debug build when another thread touches it.
struct ConfinementTests {
    @Test func `a connection's turn off its loop stops the process`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            let connection = HTTPConnection(try TestServer.context(), LoopContext(loop, .system), on: loop)
            connection.turn()
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("HTTPTransport/HTTPConnection.swift"))
    }

    @Test func `a loop's buffers off its loop stop the process`() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            _ = LoopContext(loop, .system).takeBuffer()
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("HTTPTransport/LoopContext.swift"))
    }

    @Test func `what may be called from any thread hands over to the loop`() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let server = try TestServer.context()
        let connection = try await loop.submit {
            HTTPConnection(server, LoopContext(loop, .system), on: loop)
        }.get()
        connection.drain()
        connection.makeRoom()
        connection.cut()
        try await group.shutdownGracefully()
    }
}
