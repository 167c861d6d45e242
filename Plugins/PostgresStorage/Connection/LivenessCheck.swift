/// Finds out that PostgreSQL says nothing any more also while nobody asks it for anything: so `/health/ready` tells it before a request
/// has waited.
final class LivenessCheck: TurnTaker {
    private static let pause = Duration.milliseconds(2500)

    private unowned let thread: EventThread
    private var next = ContinuousClock.now

    init(_ thread: EventThread) {
        self.thread = thread
    }

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        if now >= next {
            next = now + Self.pause
            for connection in thread.connections { connection.checkLiveness(now) }
        }
        return next
    }

    var hasWork: Bool { false }
}
