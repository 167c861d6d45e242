import MartletKernel
import MartletModel
import Testing

@testable import SQLiteStorage

/// Writes that nothing else answers end at their deadlines, in whatever order they come.
struct WriteDeadlinesTests {
    private let deadlines = WriteDeadlines {}
    private let start = ContinuousClock.now

    /// Watched when this returns.
    private func watch(until time: Duration) -> Task<WriteRequest.Answer, Never> {
        Task.immediate { [deadlines, start] in
            await withCheckedContinuation { continuation in
                let request = WriteRequest(Transaction([], at: .epoch), until: start + time, continuation)
                deadlines.watch(request)
                // Else a test that fails would wait without end.
                Task {
                    try await Task.sleep(for: .seconds(60))
                    request.answer(.failure(.internal("it wasn't answered at its deadline")))
                }
            }
        }
    }

    private func expectDeadlineExceeded(_ answer: WriteRequest.Answer) {
        guard case .failure(.deadlineExceeded) = answer else {
            Issue.record("\(answer)")
            return
        }
    }

    @Test func `each ends that comes out of order, by little or by much`() async {
        // In groups of ten each comes later than it should, the twentieth is before all.
        let times = (0..<100).map { number in number % 20 == 19 ? 1 : 100 + number / 10 * 10 + (9 - number % 10) }
        for task in times.map({ watch(until: .milliseconds($0)) }) { expectDeadlineExceeded(await task.value) }
    }

    @Test func `one that is to end before those that are waited for doesn't wait for them`() async {
        for others in [1, 5, 100] {
            for number in 0..<others { _ = watch(until: .seconds(100_000 + number)) }
            expectDeadlineExceeded(await watch(until: .milliseconds(50)).value)
        }
    }
}
