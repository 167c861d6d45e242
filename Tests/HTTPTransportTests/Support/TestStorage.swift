import MartletKernel
import MartletModel
import MartletTesting
import Synchronization

/// Keeps records in memory. It can be told to hold its answers back, and to fail.
final class TestStorage: Storage {
    private struct State {
        var isHolding = false
        var held: [CheckedContinuation<Void, Never>] = []
        var arrived: [CheckedContinuation<Void, Never>] = []
        var failure: StorageError?
        var health = Health.ready
        var commits = 0
        var yields = false
        var statedBytes = 0
    }

    private let storage = MemoryStorage()
    private let state = Mutex(State())

    /// Transactions that were asked for.
    var commits: Int { state.withLock { $0.commits } }

    func fail(with error: StorageError?) { state.withLock { $0.failure = error } }
    func set(health: Health) { state.withLock { $0.health = health } }

    /// From now on what is read or written is stated to have so many bytes more.
    func state(bytes: Int) { state.withLock { $0.statedBytes = bytes } }

    private func count(in reservation: BufferReservation?) throws(StorageError) {
        let bytes = state.withLock { $0.statedBytes }
        guard bytes == 0 || reservation?.grow(by: bytes) ?? true else { throw .overloaded }
    }

    /// From now on nothing is answered.
    func hold() { state.withLock { $0.isHolding = true } }

    func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            state.isHolding = false
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// Lets each call go on after it was held back.
    func yieldEach() { state.withLock { $0.yields = true } }

    /// Returns once a call is held back.
    func untilHeld() async {
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.held.isEmpty { state.arrived.append(continuation) }
                return !state.held.isEmpty
            }
            if isHeld { continuation.resume() }
        }
    }

    private func pass() async {
        if state.withLock({ $0.yields }) { await Task.yield() }
        guard state.withLock({ $0.isHolding }) else { return }
        await withCheckedContinuation { continuation in
            let arrived: [CheckedContinuation<Void, Never>]? = state.withLock { state in
                guard state.isHolding else { return nil }
                state.held.append(continuation)
                defer { state.arrived = [] }
                return state.arrived
            }
            guard let arrived else { return continuation.resume() }
            for waiter in arrived { waiter.resume() }
        }
    }

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        try await storage.prepare(schemas)
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        await pass()
        if let failure = state.withLock({ $0.failure }) { throw failure }
        try count(in: query.reservation)
        return try await storage.rows(for: query, context)
    }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        state.withLock { $0.commits += 1 }
        await pass()
        if let failure = state.withLock({ $0.failure }) { throw failure }
        try count(in: transaction.reservation)
        return try await storage.commit(transaction, context)
    }

    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return try await storage.replay(of: transaction, context)
    }

    func health() async -> Health {
        await pass()
        return state.withLock { $0.health }
    }

    func close() async {}
}
