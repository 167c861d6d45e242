/// How often reads that are like one another have taken too long on a shared connection.
struct Overruns {
    /// As often as they may within ``avoidance``: all at once do, when the server's machine is busy with something else for a
    /// moment.
    private static let patience = 5
    private static let avoidance = Duration.seconds(1)

    private var count = 0
    private var first = ContinuousClock.now
    private var slowUntil: ContinuousClock.Instant?

    /// One has taken too long.
    mutating func add(_ now: ContinuousClock.Instant) {
        if now - first > Self.avoidance { (count, first) = (0, now) }
        count += 1
        if count > Self.patience { slowUntil = now + Self.avoidance }
    }

    /// They are not for shared connections, for a while.
    func areSlow(_ now: ContinuousClock.Instant) -> Bool {
        slowUntil.map { now < $0 } ?? false
    }
}
