import Logging
import MartletKernel
import Synchronization

/// What the writer's thread tells others.
final class WriterState: Sendable {
    /// What the thread may wait for, in words of the log.
    enum Activity: String {
        case writing = "a transaction"
        case committing = "the commit, which waits for the disk"
        case checkpointing = "a checkpoint, which waits for the disk"
    }

    private struct State {
        var health = Health.ready
        var activity: (Activity, since: ContinuousClock.Instant)?
        var committedScopes: Set<String> = []
    }

    private let state = Mutex(State())
    private let logger: Logger
    private let timeout: Duration
    /// Open while there is no thread.
    let end = Latch()

    /// - Parameter timeout: how long a write may take.
    init(_ logger: Logger, timeout: Duration) {
        self.logger = logger
        self.timeout = timeout
    }

    var health: Health { state.withLock { $0.health } }

    /// Tells operators of a change for the worse or the better.
    func setHealth(_ health: Health) {
        let isNew = state.withLock { state in
            defer { state.health = health }
            return state.health != health
        }
        guard isNew else { return }
        switch health {
        case .ready: logger.notice("the database takes writes again")
        case .notReady(let reason): logger.error("the database takes no writes", metadata: ["reason": "\(reason)"])
        }
    }

    /// What the thread does from now on; nil when it waits for work.
    /// - Parameter scopes: the idempotency scopes of what it commits.
    func setActivity(_ activity: Activity?, of scopes: Set<String> = []) {
        state.withLock { state in
            state.activity = activity.map { ($0, .now) }
            state.committedScopes = scopes
        }
    }

    /// Whether the thread commits a transaction with this idempotency scope right now.
    func isCommitting(_ scope: String) -> Bool {
        state.withLock { $0.committedScopes.contains(scope) }
    }

    /// Not ready, if it is one thing that takes so long. A transaction is interrupted at its deadline.
    func checkActivity() {
        guard let (activity, start) = state.withLock({ $0.activity }) else { return }
        let time = ContinuousClock.now - start
        let limit = activity == .writing ? timeout + .seconds(1) : max(timeout / 2, .seconds(1))
        guard time >= limit, health == .ready else { return }
        setHealth(.notReady("\(activity.rawValue): it has taken \(Int64(time / .milliseconds(1))) ms so far"))
    }
}

/// Lets those through who wait, once it is open, or when their deadline passes.
final class Latch: Sendable {
    private struct State {
        var isOpen = true
        var lastNumber = 0
        var waiters: [Int: CheckedContinuation<Bool, Never>] = [:]
    }

    private let state = Mutex(State())

    func close() {
        state.withLock { $0.isOpen = false }
    }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: true) }
    }

    /// - Returns: false when the deadline has passed before it was opened.
    func wait(until deadline: ContinuousClock.Instant) async -> Bool {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> Int? in
                guard !state.isOpen else { return nil }
                state.lastNumber += 1
                state.waiters[state.lastNumber] = continuation
                return state.lastNumber
            }
            guard let number else { return continuation.resume(returning: true) }
            Task {
                try? await Task.sleep(until: deadline, clock: .continuous)
                let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
                waiter?.resume(returning: false)
            }
        }
    }
}
