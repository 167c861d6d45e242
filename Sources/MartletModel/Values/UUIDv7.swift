package import FoundationEssentials

/// Makes UUIDs of version 7 (RFC 9562, section 5.7): they sort by the time at which they were made, so that new rows
/// come last in an index.
package enum UUIDv7 {
    /// A millisecond in 48 bits, its fraction in 12 (section 6.2, method 3), 62 random bits.
    ///
    /// Two of the same microsecond come in any order: a fraction of 12 bits tells all microseconds apart.
    /// - Parameters:
    ///   - microseconds: since 1970. Before that there is no UUID of this version, and it counts as 1970.
    ///   - random: called once; 64 random bits, of which two are not used.
    package static func bytes(now microseconds: Int64, random: () -> UInt64) -> UUID {
        let (millisecond, rest) = UInt64(max(microseconds, 0)).quotientAndRemainder(dividingBy: 1000)
        let high = millisecond << 16 | 0x7000 | (rest << 12) / 1000
        let low = 0x8000_0000_0000_0000 | random() & 0x3FFF_FFFF_FFFF_FFFF
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
                byte(high, 6), byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4),
                byte(low, 5), byte(low, 6), byte(low, 7)
            ))
    }
}
