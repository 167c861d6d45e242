import Glibc
import MartletKernel
import NIOCore
import Synchronization

/// Gives memory back to the system after a peak. What is freed stays with the process otherwise: glibc keeps it for the next
/// allocation, and returns the top of its heaps alone (malloc_trim(3)).
final class MemoryTrimmer: Sendable {
    private static let interval = TimeAmount.seconds(2)
    /// A lower peak isn't worth it. One of some MiB is: each thread that reads a large page leaves as much in a heap of its own.
    private static let leastPeak = 1 << 20

    private let budget: BufferBudget
    private let pool = BlockingPool("trim", threads: 1, bound: 1)
    /// The most that was held since memory was last given back.
    private let peak = Atomic(0)
    private let trim: @convention(c) (Int) -> CInt

    /// Nil where the C library has no such function: it is glibc's own.
    init?(_ budget: BufferBudget) {
        guard let symbol = dlsym(nil, "malloc_trim") else { return nil }
        // By its manual: int malloc_trim(size_t pad).
        trim = unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)
        self.budget = budget
    }

    /// Looks after it from now on, until the loop is shut down.
    func start(on eventLoop: any EventLoop) {
        eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            let peak = self.peak.max(self.budget.takePeak(), ordering: .relaxed).newValue
            guard peak > Self.leastPeak, self.budget.bytesInUse < peak / 2 else { return }
            self.peak.store(0, ordering: .relaxed)
            let trim = self.trim
            // Some milliseconds for each 100 MiB: not on the loop.
            Task { try? await self.pool.run { _ = trim(0) } }
        }
    }
}
