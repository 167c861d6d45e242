import Synchronization

/// A few threads for work that blocks, which no event loop and no thread of Swift's own pool may be held by. They are
/// started when there is work.
package final class BlockingPool: Sendable {
    /// Why work was not done.
    package enum Rejection: Error, Equatable { case full, closed }

    private let name: String
    private let threads: Int
    private let niceness: Int32
    private let started = Mutex(0)
    private let queue: BoundedQueue<@Sendable () -> Void>

    /// - Parameters:
    ///   - name: what `top -H` calls its threads.
    ///   - bound: how much work may wait.
    ///   - niceness: how far its threads stand back behind others.
    package init(_ name: String, threads: Int, bound: Int, niceness: Int32 = 0) {
        self.name = name
        self.threads = threads
        self.niceness = niceness
        queue = BoundedQueue(bound: bound)
    }

    deinit {
        queue.close()
    }

    /// Does `work` on one of the threads, after what was given before.
    package func run<R: Sendable>(_ work: @escaping @Sendable () -> R) async throws(Rejection) -> R {
        guard startThread() else { throw .full }
        let result: Result<R, Rejection> = await withCheckedContinuation { continuation in
            switch queue.offer({ continuation.resume(returning: .success(work())) }) {
            case .accepted: break
            case .full: continuation.resume(returning: .failure(.full))
            case .closed: continuation.resume(returning: .failure(.closed))
            }
        }
        return try result.get()
    }

    /// Takes no more work. What was taken is done; then the threads end.
    package func close() {
        queue.close()
    }

    /// - Returns: false if there is no thread at all.
    private func startThread() -> Bool {
        started.withLock { started in
            if started < threads {
                let isStarted = SystemThread.start(name, niceness: niceness) { [queue] in Self.work(through: queue) }
                if isStarted { started += 1 }
            }
            return started > 0
        }
    }

    private static func work(through queue: BoundedQueue<@Sendable () -> Void>) {
        while case .elements(let work) = queue.take(atMost: 1) {
            for item in work { item() }
        }
    }
}
