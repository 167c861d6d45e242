extension Duration {
    /// Whole milliseconds, rounded up, from 0 to `limit`.
    func roundedUpMilliseconds(atMost limit: Int64) -> Int64 {
        guard self > .zero else { return 0 }
        guard self < .milliseconds(limit) else { return limit }
        let (seconds, attoseconds) = components
        let perMillisecond: Int64 = 1_000_000_000_000_000
        return seconds * 1000 + (attoseconds + perMillisecond - 1) / perMillisecond
    }
}
