/// The SplitMix64 of <https://prng.di.unimi.it/splitmix64.c>: a seed names a failure that comes back.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

/// The bytes that `write` puts into a buffer of `capacity`, of which it returns the count. Behind the buffer it finds
/// nothing that it may write to.
func written(_ capacity: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> String {
    var bytes = [UInt8](repeating: 0xFF, count: capacity + 8)
    let count = bytes.withUnsafeMutableBytes { write(UnsafeMutableRawBufferPointer(rebasing: $0[..<capacity])) }
    return bytes[count...].allSatisfy { $0 == 0xFF } ? String(decoding: bytes[..<count], as: UTF8.self) : "overrun"
}
