import Synchronization

/// Counts the bytes that a server holds for its clients, up to a limit: bodies that arrive, rows that are read, responses
/// that wait until they are taken. Who can't have more answers 503 `overloaded`.
public final class BufferBudget: Sendable {
    /// Reservations of up to 64 KiB may use the whole limit. Larger ones leave an eighth of it free, so that a few large
    /// requests can't shut out all small ones.
    public static let smallReservation = 64 << 10
    /// 16 KiB: the bytes of one request's records, up to which they needn't be counted.
    public static let uncounted = 16 << 10
    /// 256 MiB.
    public static let defaultLimit = 256 << 20

    private let limit: Atomic<Int>
    private let used = Atomic(0)
    /// The most that was held at a time.
    private let peak = Atomic(0)

    public init(limit: Int = BufferBudget.defaultLimit) {
        self.limit = Atomic(limit)
    }

    /// Bytes that are held now.
    public var bytesInUse: Int { used.load(ordering: .relaxed) }

    /// What is held already stays, also above a lower limit.
    public func setLimit(_ bytes: Int) {
        limit.store(bytes, ordering: .relaxed)
    }

    /// Whether so many bytes could be held now.
    public func hasRoom(for bytes: Int) -> Bool {
        bytesInUse <= limit(isSmall: bytes <= Self.smallReservation) - bytes
    }

    /// The most that was held at a time since this was last asked.
    public func takePeak() -> Int {
        peak.exchange(bytesInUse, ordering: .relaxed)
    }

    private func limit(isSmall: Bool) -> Int {
        let limit = limit.load(ordering: .relaxed)
        return isSmall ? limit : limit - limit / 8
    }

    fileprivate func take(_ bytes: Int, isSmall: Bool) -> Bool {
        let limit = limit(isSmall: isSmall)
        // A storage may state any size: the sum of some has no room in an integer.
        guard bytes <= limit else { return false }
        guard hold(bytes) > limit else { return true }
        giveBack(bytes)
        return false
    }

    /// - Returns: All that is held now.
    @discardableResult
    fileprivate func hold(_ bytes: Int) -> Int {
        let after = used.wrappingAdd(bytes, ordering: .relaxed).newValue
        if after > peak.load(ordering: .relaxed) { peak.store(after, ordering: .relaxed) }
        return after
    }

    fileprivate func giveBack(_ bytes: Int) {
        used.wrappingSubtract(bytes, ordering: .relaxed)
    }
}

/// What one request or connection holds of a ``BufferBudget``. It is given back when the reservation is released.
public final class BufferReservation: Sendable {
    private let budget: BufferBudget
    private let held = Mutex(0)

    public init(in budget: BufferBudget) {
        self.budget = budget
    }

    deinit {
        let held = bytes
        if held > 0 { budget.giveBack(held) }
    }

    public var bytes: Int { held.withLock { $0 } }

    /// Holds `bytes`, no matter how much was held before. Less is always possible.
    /// - Returns: false when the budget has no room for so much: then what was held before is still held.
    public func resize(to bytes: Int) -> Bool {
        held.withLock { held in
            if bytes < held {
                budget.giveBack(held - bytes)
            } else if bytes > held {
                let isSmall = bytes <= BufferBudget.smallReservation
                guard budget.take(bytes - held, isSmall: isSmall) else { return false }
            }
            held = bytes
            return true
        }
    }

    /// Holds `bytes`, also when the budget has no room for them: they are in memory and can't be refused any more.
    public func force(to bytes: Int) {
        held.withLock { held in
            if bytes < held { budget.giveBack(held - bytes) } else { budget.hold(bytes - held) }
            held = bytes
        }
    }

    /// Holds `bytes` more.
    /// - Returns: false when the budget has no room for them.
    public func grow(by bytes: Int) -> Bool {
        held.withLock { held in
            let isSmall = bytes <= BufferBudget.smallReservation - held
            guard budget.take(bytes, isSmall: isSmall) else { return false }
            held += bytes
            return true
        }
    }
}
