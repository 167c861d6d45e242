import FoundationEssentials

extension UUID {
    /// UUIDs in the order of their numbers, from 0 to 2³²-1.
    init(number: Int) {
        func byte(_ shift: Int) -> UInt8 { UInt8(truncatingIfNeeded: number >> shift) }
        self.init(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, byte(24), byte(16), byte(8), byte(0)))
    }
}
