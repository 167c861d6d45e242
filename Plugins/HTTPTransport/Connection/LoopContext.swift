import MartletKernel
import MartletModel
import NIOCore

/// What the connections of one event loop share: buffers that are used again from answer to answer.
///
/// Unchecked, because it is touched on its event loop alone.
final class LoopContext: @unchecked Sendable {
    private static let keptCapacity = 1 << 17

    let executor: LoopExecutor
    var json = JSONWriter()
    var head = ResponseHead()
    var date = DateField()
    var requestIDs: RequestIDSource
    /// Answers that the connection at work has not handed to its channel yet. Empty between two turns of the loop.
    var output = ByteBuffer()

    init(_ eventLoop: any EventLoop, _ random: RandomSource) {
        executor = LoopExecutor(eventLoop)
        requestIDs = RequestIDSource(random)
    }

    /// Makes the buffer ready for the next answers, in the same memory if the channel has written it already.
    func emptyOutput() {
        if output.capacity > Self.keptCapacity {
            output = ByteBuffer()
        } else {
            output.clear(minimumCapacity: 1 << 12)
        }
    }
}
