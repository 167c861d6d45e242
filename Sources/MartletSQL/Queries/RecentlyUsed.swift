/// So many of a kind as are kept: what wasn't used for the longest time goes when another one comes.
public struct RecentlyUsed<Key: Hashable, Value> {
    private let capacity: Int
    private var entries: [Key: (value: Value, use: UInt64)] = [:]
    private var uses: UInt64 = 0

    public init(capacity: Int) {
        self.capacity = capacity
    }

    public var count: Int { entries.count }

    /// Counts as a use.
    public mutating func value(for key: Key) -> Value? {
        guard let index = entries.index(forKey: key) else { return nil }
        uses += 1
        entries.values[index].use = uses
        return entries.values[index].value
    }

    /// - Returns: what had to go.
    @discardableResult
    public mutating func insert(_ value: Value, for key: Key) -> Value? {
        uses += 1
        let replaced = entries.updateValue((value, uses), forKey: key)?.value
        guard entries.count > capacity, let oldest = entries.min(by: { $0.value.use < $1.value.use }) else {
            return replaced
        }
        return entries.removeValue(forKey: oldest.key)?.value
    }
}
