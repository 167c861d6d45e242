import Glibc
import MartletKernel
import Synchronization

/// A stack of readers. The one that was used last is taken first: its pages are in the processor's cache.
final class ReaderPool: Sendable {
    private struct State {
        var open: (@Sendable (_ slot: Int) throws(SQLiteError) -> Reader)?
        var idle: [Reader] = []
        /// How often each slot's reader was taken and given back: odd while it is lent.
        var turns: [UInt64] = []
        /// Slots whose reader was dropped.
        var vacant: [Int] = []

        var lent: Int { turns.count - idle.count - vacant.count }
    }

    private enum Taken {
        case reader(Reader)
        case toOpen(Int, @Sendable (Int) throws(SQLiteError) -> Reader)
        case none, closed
    }

    private let bound: Int
    private let state = Mutex(State())
    /// Open when the last reader was closed.
    private let end = Latch()

    init(bound: Int) {
        self.bound = bound
    }

    /// Opens the first reader, and others when they are needed.
    func start(_ open: @escaping @Sendable (_ slot: Int) throws(SQLiteError) -> Reader) throws(SQLiteError) {
        let first = try open(0)
        state.withLock { state in
            state.open = open
            state.idle = [first]
            state.turns = [0]
        }
    }

    /// A reader for the calling thread alone, until ``giveBack(_:isBroken:)``; nil if all are lent.
    func take() throws(StorageError) -> Reader? {
        let taken = state.withLock { state -> Taken in
            guard let open = state.open else { return .closed }
            if let reader = state.idle.popLast() {
                state.turns[reader.slot] &+= 1
                return .reader(reader)
            }
            if let slot = state.vacant.popLast() {
                state.turns[slot] &+= 1
                return .toOpen(slot, open)
            }
            guard state.turns.count < bound else { return .none }
            state.turns.append(1)
            return .toOpen(state.turns.count - 1, open)
        }
        switch taken {
        case .reader(let reader): return lent(reader)
        case .none: return nil
        case .closed: throw .unavailable("the database is not open")
        case .toOpen(let slot, let open):
            do throws(SQLiteError) {
                return lent(try open(slot))
            } catch {
                vacate(slot)
                throw StorageError(error)
            }
        }
    }

    private func lent(_ reader: Reader) -> Reader {
        assert(reader.borrower.claim(), "a reader is lent that another thread has")
        return reader
    }

    /// - Parameter isBroken: it has met an error after which another connection is to be preferred.
    func giveBack(_ reader: Reader, isBroken: Bool = false) {
        assert(reader.borrower.release(), "a reader is given back by another thread than it was lent to")
        let isKept = state.withLock { state -> Bool in
            guard state.open != nil && !isBroken else { return false }
            state.turns[reader.slot] &+= 1
            state.idle.append(reader)
            return true
        }
        guard !isKept else { return }
        // Before its slot counts as free: who waits for all readers to be closed relies on it.
        reader.close()
        vacate(reader.slot)
    }

    /// Closes all readers, each as it is given back. Nothing can be taken any more.
    /// - Returns: false when some are still lent at the deadline.
    func close(until deadline: ContinuousClock.Instant) async -> Bool {
        let isEmpty = state.withLock { state -> Bool in
            state.open = nil
            for reader in state.idle { reader.close() }
            state.vacant += state.idle.map(\.slot)
            state.idle = []
            if state.lent > 0 { end.close() }
            return state.lent == 0
        }
        return isEmpty ? true : await end.wait(until: deadline)
    }

    /// Waits, a little, until every read of this moment is over: a checkpoint gets no further than what the oldest of
    /// them sees (<https://www.sqlite.org/wal.html>, "Checkpointing"). Reads that begin meanwhile see all that is
    /// committed, so they are in no checkpoint's way.
    /// - Returns: false if one of them takes longer.
    @discardableResult
    func waitForPresentReads(atMost patience: Duration = .milliseconds(5)) -> Bool {
        let before = state.withLock { $0.turns }
        let end = ContinuousClock.now + patience
        while true {
            let isOver = state.withLock { state in
                before.indices.allSatisfy { before[$0] % 2 == 0 || before[$0] != state.turns[$0] }
            }
            if isOver { return true }
            if .now >= end { return false }
            usleep(100)
        }
    }

    private func vacate(_ slot: Int) {
        let isLast = state.withLock { state in
            state.turns[slot] &+= 1
            state.vacant.append(slot)
            return state.lent == 0
        }
        if isLast { end.open() }
    }
}
