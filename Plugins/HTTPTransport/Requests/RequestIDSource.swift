import MartletKernel
import MartletModel

/// Makes request ids: UUIDs of version 7 (RFC 9562, section 5.7), which sort by time.
///
/// Fresh random bits are drawn once a second; in between they are counted up (section 6.2, method 2), which spares the
/// requests two system calls each. An id names a request in a log, it protects nothing.
struct RequestIDSource {
    private let random: RandomSource
    private var second: UInt64?
    private var randomA: UInt64 = 0
    private var randomB: UInt64 = 0

    init(_ random: RandomSource) {
        self.random = random
    }

    /// - Parameter now: microseconds since 1970.
    mutating func next(now: Int64) -> String {
        let millisecond = UInt64(max(now, 0)) / 1000
        if millisecond / 1000 != second {
            second = millisecond / 1000
            randomA = random.next() & 0xFFF
            // The top bit stays free for counting up.
            randomB = random.next() >> 3
        } else {
            randomB += 1
        }
        return UUIDText.text(
            high: millisecond << 16 | 0x7000 | randomA,
            low: 0x8000_0000_0000_0000 | randomB & 0x3FFF_FFFF_FFFF_FFFF)
    }
}
