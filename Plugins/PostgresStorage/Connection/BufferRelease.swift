/// Gives the memory of libpq's buffers back: they grow to the largest message, and shrink only with their connection.
final class BufferRelease: TurnTaker {
    private static let pause = Duration.milliseconds(2500)

    private let keepers: [ConnectionKeeper]
    private let exclusive: [ExclusiveConnections]
    private var next = ContinuousClock.now

    init(_ keepers: [ConnectionKeeper], _ exclusive: [ExclusiveConnections]) {
        (self.keepers, self.exclusive) = (keepers, exclusive)
    }

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        if now >= next {
            next = now + Self.pause
            for connections in exclusive { connections.releaseBuffers(now) }
            // One at a time: while it is replaced, PostgreSQL has one connection more.
            _ = keepers.contains { $0.releaseBuffers(now) }
        }
        return next
    }

    var hasWork: Bool { false }
}
