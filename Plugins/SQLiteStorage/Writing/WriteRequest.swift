import DequeModule
import MartletKernel
import Synchronization

/// A transaction on its way through the writer's thread, and who waits for its result.
///
///     waiting ── begin() ──▶ running ── enterCommit() ──▶ committing ── answer() ──▶ answered
///        ▲                      │                              │
///        └──── returnToQueue() ─┴──────────────────────────────┘
///
/// At its deadline it is answered wherever it is: before its commit with ``StorageError/deadlineExceeded``, and then the
/// writer leaves it out; during its commit with ``StorageError/outcomeUnknown(_:)``.
final class WriteRequest: Sendable {
    typealias Answer = Result<CommitResult, StorageError>

    private enum Phase { case waiting, running, committing, answered }

    private struct State {
        var phase = Phase.waiting
        var continuation: CheckedContinuation<Answer, Never>?
    }

    let transaction: Transaction
    let deadline: ContinuousClock.Instant
    /// Until then it waits for another process that writes.
    let lockDeadline: ContinuousClock.Instant
    private let state: Mutex<State>

    /// How long a write waits for another process that writes.
    static let lockTimeout = Duration.seconds(1)

    init(
        _ transaction: Transaction, until deadline: ContinuousClock.Instant,
        _ continuation: CheckedContinuation<Answer, Never>
    ) {
        self.transaction = transaction
        self.deadline = deadline
        lockDeadline = min(deadline, .now + Self.lockTimeout)
        state = Mutex(State(continuation: continuation))
    }

    var isAnswered: Bool { state.withLock { $0.phase == .answered } }

    /// - Returns: false when it was answered: it is not to be done.
    func begin() -> Bool { advance(to: .running, at: .now) }

    /// - Returns: false when it was answered: it must not be committed.
    func enterCommit(at time: ContinuousClock.Instant) -> Bool { advance(to: .committing, at: time) }

    /// What was done of it was undone.
    /// - Returns: false when it was answered: it is not to be done again.
    func returnToQueue() -> Bool { advance(to: .waiting) }

    /// The writer looks at the clock too: on a busy machine ``WriteDeadlines`` may come late.
    private func advance(to phase: Phase, at time: ContinuousClock.Instant) -> Bool {
        guard time < deadline else {
            _ = expire()
            return false
        }
        return advance(to: phase)
    }

    private func advance(to phase: Phase) -> Bool {
        state.withLock { state in
            guard state.phase != .answered else { return false }
            state.phase = phase
            return true
        }
    }

    /// Does nothing if it was answered before.
    func answer(_ answer: Answer) {
        let continuation = state.withLock { state in
            state.phase = .answered
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(returning: answer)
    }

    /// - Returns: whether it is answered.
    func expireIfLate() -> Bool {
        if !isAnswered, .now >= deadline { _ = expire() }
        return isAnswered
    }

    /// Answers it as one whose deadline has passed.
    /// - Returns: false if it was answered before.
    func expire() -> Bool {
        let (continuation, wasCommitting) = state.withLock { state in
            let wasCommitting = state.phase == .committing
            state.phase = .answered
            defer { state.continuation = nil }
            return (state.continuation, wasCommitting)
        }
        guard let continuation else { return false }
        let error: StorageError =
            wasCommitting ? .outcomeUnknown("the disk has not finished the commit in time") : .deadlineExceeded
        continuation.resume(returning: .failure(error))
        return true
    }
}

/// Answers writes when their deadlines pass, whatever the writer's thread waits for.
final class WriteDeadlines: Sendable {
    private struct State {
        /// In the order of their deadlines.
        var requests = Deque<WriteRequest>()
        var isWatching = false

        /// How many places a request is moved forward at most.
        private static let longestMove = 16

        /// Threads that add requests at the same time are a little out of order.
        /// - Returns: false for one that would be the first while another one's deadline is waited for, and for a caller's own
        ///   deadline, which comes before those of many earlier requests.
        mutating func insert(_ request: WriteRequest) -> Bool {
            var place = requests.count
            while place > 0, request.deadline < requests[place - 1].deadline {
                place -= 1
                guard place > 0, requests.count - place <= Self.longestMove else { return false }
            }
            requests.insert(request, at: place)
            return true
        }

        mutating func removeAnswered() {
            while let first = requests.first, first.isAnswered { requests.removeFirst() }
        }
    }

    private let state = Mutex(State())
    private let didExpire: @Sendable () -> Void

    /// - Parameter didExpire: is called after deadlines have passed.
    init(_ didExpire: @escaping @Sendable () -> Void) {
        self.didExpire = didExpire
    }

    func watch(_ request: WriteRequest) {
        let isFirst = state.withLock { state in
            guard state.insert(request) else {
                Task { await watch(alone: request) }
                return false
            }
            defer { state.isWatching = true }
            return !state.isWatching
        }
        if isFirst { Task { await watch() } }
    }

    /// Lets go of requests that are answered. The writer calls it after each batch.
    func removeAnswered() {
        state.withLock { $0.removeAnswered() }
    }

    /// Sleeps from one oldest request's deadline to the next one's, which is seldom: nearly all are answered before.
    private func watch() async {
        while let deadline = nextDeadline() {
            // It isn't cancelled.
            try? await Task.sleep(until: deadline, clock: .continuous)
            expire(at: .now)
        }
    }

    private func watch(alone request: WriteRequest) async {
        try? await Task.sleep(until: request.deadline, clock: .continuous)
        if request.expire() { didExpire() }
    }

    private func nextDeadline() -> ContinuousClock.Instant? {
        state.withLock { state in
            state.removeAnswered()
            state.isWatching = !state.requests.isEmpty
            return state.requests.first?.deadline
        }
    }

    private func expire(at now: ContinuousClock.Instant) {
        let expired = state.withLock { state in
            Array(state.requests.prefix { $0.deadline <= now })
        }
        var hasExpired = false
        for request in expired where request.expire() { hasExpired = true }
        if hasExpired { didExpire() }
    }
}
