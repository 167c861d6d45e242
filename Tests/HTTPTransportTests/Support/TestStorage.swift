import MartletKernel
import MartletModel
import Synchronization

/// Keeps records in memory. It can be told to hold its answers back, and to fail.
final class TestStorage: Storage {
    private struct State {
        var rows: [Int64: RowBatch] = [:]
        var lastID: Int64 = 0
        var isHolding = false
        var held: [CheckedContinuation<Void, Never>] = []
        var arrived: [CheckedContinuation<Void, Never>] = []
        var failure: StorageError?
        var health = Health.ready
        var commits = 0
    }

    private let state = Mutex(State())

    /// Transactions that were asked for.
    var commits: Int { state.withLock { $0.commits } }

    func fail(with error: StorageError?) { state.withLock { $0.failure = error } }
    func set(health: Health) { state.withLock { $0.health = health } }

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

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {}

    func rows(for query: Query) async throws(StorageError) -> RowBatch {
        await pass()
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return state.withLock { state in
            var batch = RowBatch(width: query.resource.fields.count)
            switch query.selection {
            case .key(.integer(let id)):
                if let row = state.rows[id] { batch.append(row: 0, of: row) }
            case .page(let after, let limit):
                let start = after?.cell.integer ?? .min
                for id in state.rows.keys.sorted().filter({ $0 > start }).prefix(limit) {
                    if let row = state.rows[id] { batch.append(row: 0, of: row) }
                }
            }
            return batch
        }
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        state.withLock { $0.commits += 1 }
        await pass()
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return state.withLock { state in
            let resource = transaction.mutations[0].resource
            switch transaction.mutations[0].change {
            case .insert(let row):
                state.lastID += 1
                var rows = row.cells
                rows.set(row: 0, column: resource.keyIndex, to: .integer(state.lastID))
                state.rows[state.lastID] = rows
                return .committed([rows])
            case .update(.integer(let id), let row):
                guard let old = state.rows[id] else { return .refused(Refusal(mutation: 0, .notFound)) }
                let new = Self.merge(row.cells, over: old)
                state.rows[id] = new
                return .committed([new])
            case .delete(.integer(let id)):
                guard let old = state.rows.removeValue(forKey: id) else {
                    return .refused(Refusal(mutation: 0, .notFound))
                }
                return .committed([old])
            }
        }
    }

    private static func merge(_ new: RowBatch, over old: RowBatch) -> RowBatch {
        var merged = RowBatch(width: old.width)
        for column in 0..<old.width {
            let source = new[0, column].isAbsent ? old : new
            let cell = source[0, column]
            if let string = source.string(of: cell) { merged.append(string) } else { merged.append(cell) }
        }
        return merged
    }

    func health() async -> Health {
        await pass()
        return state.withLock { $0.health }
    }

    func close() async {}
}
