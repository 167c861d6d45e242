import Glibc
import Testing

@testable import MartletKernel

@Suite struct BlockingPoolTests {
    @Test func `its threads stand back, and no others`() async throws {
        @Sendable func niceness() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
        let pool = BlockingPool("test", threads: 1, bound: 1, niceness: 10)
        #expect(try await pool.run { niceness() } == 10)
        #expect(niceness() < 10)
        pool.close()
    }

    @Test func `work that blocks is done beside other work that blocks`() async throws {
        let pool = BlockingPool("test", threads: 2, bound: 10)
        let (there, back) = (BoundedQueue<Int>(bound: 1), BoundedQueue<Int>(bound: 1))
        // Each waits for what the other one does.
        async let first = pool.run { () -> Int in
            _ = there.offer(1)
            if case .elements(let answer) = back.take(atMost: 1) { return answer[0] }
            return 0
        }
        async let second = pool.run { () -> Int in
            if case .elements(let question) = there.take(atMost: 1) { _ = back.offer(question[0] + 1) }
            return 3
        }
        #expect(try await [first, second] == [2, 3])
        pool.close()
    }

    @Test func `work beyond the bound is rejected, and what was taken is done`() async throws {
        let pool = BlockingPool("test", threads: 1, bound: 1)
        let (started, gate) = (BoundedQueue<Int>(bound: 1), BoundedQueue<Int>(bound: 1))
        async let running = pool.run {
            _ = started.offer(1)
            _ = gate.take(atMost: 1)
        }
        while started.count == 0 { await Task.yield() }
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            // The only thread is held: one of these may wait for it.
            for _ in 0..<2 {
                group.addTask {
                    do throws(BlockingPool.Rejection) {
                        try await pool.run {}
                        return true
                    } catch {
                        _ = gate.offer(1)
                        return error != .full
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.filter { $0 }.count == 1)
        try await running
        pool.close()
        await #expect(throws: BlockingPool.Rejection.closed) { try await pool.run {} }
    }
}
