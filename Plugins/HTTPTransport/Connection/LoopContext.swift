import MartletKernel
import MartletModel
import NIOCore

/// What the connections of one event loop share: buffers that are used again from answer to answer.
///
/// `@unchecked Sendable`: it is made before its loop serves connections, and used on that loop alone then, which debug builds assert.
/// (`NIOLoopBoundBox` would release it on the loop, which is shut down by then.)
final class LoopContext: @unchecked Sendable {
    private static let keptCapacity = 1 << 17

    let executor: LoopExecutor
    private let eventLoop: any EventLoop
    var json = JSONWriter()
    var date = DateField()
    var requestIDs: RequestIDSource
    /// Memory for the next responses. A connection takes it while it has some, so that no two write into the same bytes.
    private var spare = ByteBuffer()

    init(_ eventLoop: any EventLoop, _ random: RandomSource) {
        self.eventLoop = eventLoop
        executor = LoopExecutor(eventLoop)
        requestIDs = RequestIDSource(random)
    }

    /// An empty buffer, whose memory may have been used before.
    func takeBuffer() -> ByteBuffer {
        eventLoop.assertInEventLoop()
        defer { spare = ByteBuffer() }
        return spare
    }

    /// Takes a buffer back whose bytes have been handed to a channel. If they are written already, its memory is used again.
    /// - Returns: false if the channel may still hold the memory.
    func recycle(_ buffer: consuming ByteBuffer) -> Bool {
        eventLoop.assertInEventLoop()
        guard buffer.capacity <= Self.keptCapacity else { return false }
        let memory = buffer.withVeryUnsafeBytes { $0.baseAddress }
        // It gets other memory if it is not the only one to hold this.
        buffer.clear(minimumCapacity: 1 << 12)
        let isSame = buffer.withVeryUnsafeBytes { $0.baseAddress } == memory
        spare = buffer
        return isSame
    }
}
