import NIOCore

/// Decides how much memory a connection's socket is read into.
///
/// NIO keeps buffers of the sizes that an allocator announces (`nextBufferSize()`) for as long as the connection is open, and lets
/// them only grow: after one long body that is 64 KiB or more for each connection, which nothing counts. This allocator announces
/// none. So, with one read at a time (`maxMessagesPerRead`), NIO keeps the first buffer alone, and others belong to the
/// connection that they are given to.
struct ReceiveBufferAllocator: RecvByteBufferAllocator {
    /// The buffer that is kept. It holds an ordinary request.
    static let keptSize = 2 << 10
    static let largeSize = 64 << 10

    /// The last read filled a kept buffer, or would have.
    private var isLarge = false

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: isLarge ? Self.largeSize : Self.keptSize)
    }

    /// - Returns: Whether the next read needs a buffer of its own.
    mutating func record(actualReadBytes: Int) -> Bool {
        isLarge = actualReadBytes >= Self.keptSize
        return isLarge
    }
}
