import Glibc
import MartletKernel
import NIOCore
import Synchronization

/// Gives memory back to the system. What is freed stays with the process otherwise: glibc keeps it for the next allocation, and
/// returns the top of its heaps alone (malloc_trim(3)).
final class MemoryTrimmer: Sendable {
    private static let interval = TimeAmount.seconds(2)
    /// A lower peak isn't worth it. One of some MiB is: each thread that reads a large page leaves as much in a heap of its own.
    private static let leastPeak = 1 << 20

    /// How often memory is given back after a peak. What isn't counted is freed somewhat later than what is: writes whose clients
    /// have gone are still done.
    private static let trimsAfterPeak = 10

    /// What a connection takes beyond the bytes that are counted.
    private static let bytesOfConnection = 6 << 10

    private let budget: BufferBudget
    private let connections: Connections
    private let pool = BlockingPool("trim", threads: 1, bound: 1)
    /// The most that was held since memory was last given back.
    private let peak = Atomic(0)
    private let remainingTrims = Atomic(0)
    private let trim: @convention(c) (Int) -> CInt

    /// Nil where the C library has no such functions: they are glibc's own.
    init?(_ budget: BufferBudget, _ connections: Connections) {
        guard let trim = dlsym(nil, "malloc_trim"), let option = dlsym(nil, "mallopt") else { return nil }
        // By their manuals: int malloc_trim(size_t pad), int mallopt(int param, int value).
        self.trim = unsafeBitCast(trim, to: (@convention(c) (Int) -> CInt).self)
        self.budget = budget
        self.connections = connections
        let setOption = unsafeBitCast(option, to: (@convention(c) (CInt, CInt) -> CInt).self)
        _ = setOption(Self.mmapThreshold, CInt(Self.leastMapped))
    }

    /// M_MMAP_THRESHOLD of mallopt(3).
    private static let mmapThreshold: CInt = -3
    /// Larger buffers have a mapping of their own, which is given back at once when they are freed. That is glibc's default, too, but
    /// without this it raises the threshold to the largest buffer so far: then the rows of large pages leave holes in the heap
    /// of every thread that reads some, which together were as much again as the buffers in use.
    static let leastMapped = 128 << 10

    /// Looks after it from now on, until the loop is shut down.
    func start(on eventLoop: any EventLoop) {
        eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            let ofConnections = self.connections.count * Self.bytesOfConnection
            let peak = self.peak.max(self.budget.takePeak() + ofConnections, ordering: .relaxed).newValue
            if peak > Self.leastPeak, self.budget.bytesInUse + ofConnections < peak / 2 {
                self.peak.store(0, ordering: .relaxed)
                self.remainingTrims.store(Self.trimsAfterPeak, ordering: .relaxed)
            }
            guard self.remainingTrims.load(ordering: .relaxed) > 0 else { return }
            self.remainingTrims.subtract(1, ordering: .relaxed)
            let trim = self.trim
            // Some milliseconds for each 100 MiB: not on the loop.
            Task { try? await self.pool.run { _ = trim(0) } }
        }
    }
}
