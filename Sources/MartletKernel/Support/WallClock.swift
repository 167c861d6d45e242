import FoundationEssentials

/// What time it is, as a capability, so that tests can set it.
public struct WallClock: Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    public let now: @Sendable () -> Int64

    public init(now: @escaping @Sendable () -> Int64) {
        self.now = now
    }

    public static let system = WallClock {
        Int64(Date().timeIntervalSince1970 * 1_000_000)
    }
}
