import Testing

@testable import MartletKernel

@Suite struct BoundedQueueTests {
    private func elements(_ taken: BoundedQueue<Int>.Taken) -> [Int]? {
        if case .elements(let elements) = taken { elements } else { nil }
    }

    @Test func `what was offered is taken in its order, up to the limit`() {
        let queue = BoundedQueue<Int>(bound: 10)
        for element in 1...5 { #expect(queue.offer(element) == .accepted) }
        #expect(elements(queue.take(atMost: 3)) == [1, 2, 3])
        #expect(queue.count == 2)
        #expect(elements(queue.take(atMost: 3)) == [4, 5])
    }

    @Test func `a full queue takes nothing until something is taken`() {
        let queue = BoundedQueue<Int>(bound: 2)
        #expect([1, 2, 3].map(queue.offer) == [.accepted, .accepted, .full])
        #expect(elements(queue.take(atMost: 1)) == [1])
        #expect(queue.offer(4) == .accepted)
        #expect(elements(queue.take(atMost: 9)) == [2, 4])
    }

    @Test func `a closed queue gives what it has, and then says that it is closed`() {
        let queue = BoundedQueue<Int>(bound: 2)
        _ = queue.offer(1)
        queue.close()
        #expect(queue.offer(2) == .closed)
        #expect(elements(queue.take(atMost: 9)) == [1])
        guard case .closed = queue.take(atMost: 9) else {
            Issue.record("it is not closed")
            return
        }
    }

    @Test func `patience ends without an element`() {
        let queue = BoundedQueue<Int>(bound: 2)
        guard case .nothing = queue.take(atMost: 1, waiting: .milliseconds(1)) else {
            Issue.record("something was taken")
            return
        }
    }

    @Test func `a thread that waits gets what other threads offer, each element once`() async {
        let queue = BoundedQueue<Int>(bound: 100_000)
        let pool = BlockingPool("test", threads: 2, bound: 2)
        let sums = await withTaskGroup(of: Int?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try? await pool.run {
                        var sum = 0
                        while case .elements(let elements) = queue.take(atMost: 7) { sum += elements.reduce(0, +) }
                        return sum
                    }
                }
            }
            await withTaskGroup { offers in
                for task in 0..<4 {
                    offers.addTask { for element in 1...1000 { _ = queue.offer(task * 1000 + element) } }
                }
            }
            queue.close()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums.compactMap { $0 }.reduce(0, +) == 4000 * 4001 / 2)
        pool.close()
    }
}
