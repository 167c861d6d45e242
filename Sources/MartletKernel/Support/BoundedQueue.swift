import DequeModule
import Glibc
// `timespec` is this module's or Glibc's, depending on which the compiler happens to load first.
import SwiftOverlayShims

/// What hands work from any thread to threads that wait for it, and takes no more than its bound.
///
/// `@unchecked Sendable`: all state is touched with `mutex` held. A `Synchronization.Mutex` has no condition variable to
/// wait on.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    package enum Offer: Sendable { case accepted, full, closed }

    package enum Taken: Sendable {
        /// At least one, in the order in which they were offered.
        case elements([Element])
        /// Nothing came in time.
        case nothing
        /// Nothing will come any more.
        case closed
    }

    private let bound: Int
    // The system's objects must not move.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting = Deque<Element>()
    private var isClosed = false

    package init(bound: Int) {
        self.bound = bound
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(arrival, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    /// Never blocks for longer than another thread needs to add or take.
    package func offer(_ element: Element) -> Offer {
        let offer = withLock { () -> Offer in
            if isClosed { return .closed }
            if waiting.count >= bound { return .full }
            waiting.append(element)
            return .accepted
        }
        if case .accepted = offer { pthread_cond_signal(arrival) }
        return offer
    }

    /// What is there, up to `limit`; waits for something to come, for `patience` or, if that is nil, without end.
    package func take(atMost limit: Int, waiting patience: Duration? = nil) -> Taken {
        withLock {
            wait(for: patience)
            if waiting.isEmpty { return isClosed ? .closed : .nothing }
            return .elements(removeFirst(limit))
        }
    }

    /// What is there, up to `limit`.
    package func takePresent(atMost limit: Int) -> [Element] {
        withLock { removeFirst(limit) }
    }

    private func removeFirst(_ limit: Int) -> [Element] {
        let elements = Array(waiting.prefix(limit))
        waiting.removeFirst(elements.count)
        return elements
    }

    /// Takes nothing more; what is there can still be taken.
    package func close() {
        withLock { isClosed = true }
        pthread_cond_broadcast(arrival)
    }

    /// How many wait to be taken.
    package var count: Int { withLock { waiting.count } }

    private func withLock<R>(_ body: () -> R) -> R {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    private func wait(for patience: Duration?) {
        guard let patience else {
            while waiting.isEmpty && !isClosed { pthread_cond_wait(arrival, mutex) }
            return
        }
        var end = Self.monotonicTime(after: patience)
        while waiting.isEmpty && !isClosed {
            if pthread_cond_timedwait(arrival, mutex, &end) == ETIMEDOUT { return }
        }
    }

    private static func monotonicTime(after span: Duration) -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = span.components
        let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
        time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}
