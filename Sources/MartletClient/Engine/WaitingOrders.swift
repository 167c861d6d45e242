/// Orders that wait for a connection: first come, first served, but for those that are cancelled or too late.
struct WaitingOrders {
    /// In order. The ids of removed orders stay until they come to the front.
    private var queue: [UInt64] = []
    private var front = 0
    private var orders: [UInt64: EngineOrder] = [:]
    /// No order's deadline is before this; one that was removed may have been the reason for it.
    private var nextDeadline: ContinuousClock.Instant?

    var isEmpty: Bool { orders.isEmpty }

    mutating func append(_ order: EngineOrder) {
        queue.append(order.id)
        orders[order.id] = order
        nextDeadline = min(nextDeadline ?? order.request.deadline, order.request.deadline)
    }

    mutating func removeFirst() -> EngineOrder? {
        while front < queue.count {
            let id = queue[front]
            front += 1
            if let order = remove(id) {
                dropFront()
                return order
            }
        }
        return nil
    }

    mutating func remove(_ id: UInt64) -> EngineOrder? {
        let order = orders.removeValue(forKey: id)
        if orders.isEmpty { forget() }
        return order
    }

    mutating func removeExpired() -> [EngineOrder] {
        let now = ContinuousClock.now
        guard let nextDeadline, nextDeadline <= now else { return [] }
        let expired = orders.values.filter { $0.request.deadline <= now }
        for order in expired { orders[order.id] = nil }
        if orders.isEmpty { forget() }
        self.nextDeadline = orders.values.map(\.request.deadline).min()
        return expired
    }

    /// How long a wait may last, rounded up; a minute when nobody's deadline ends it.
    func millisecondsToNextDeadline() -> Int32 {
        guard let nextDeadline else { return 60_000 }
        return Int32((nextDeadline - .now).roundedUpMilliseconds(atMost: 60_000))
    }

    /// Frees what has been served, when that is most of the queue.
    private mutating func dropFront() {
        guard front > 1024, front > queue.count / 2 else { return }
        queue.removeFirst(front)
        front = 0
    }

    private mutating func forget() {
        queue.removeAll(keepingCapacity: queue.capacity <= 1024)
        front = 0
        nextDeadline = nil
    }
}
