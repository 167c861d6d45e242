/// Cuts bytes into pieces: one way for each seed.
struct Pieces {
    let seed: UInt8

    /// - Returns: the bytes in their order; 0 cuts between all of them.
    func cut(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var state = UInt32(seed)
        var rest = bytes[...]
        while !rest.isEmpty {
            // The generator of C's standard: its upper bits are random enough for this.
            if seed != 0 { state = state &* 1_103_515_245 &+ 12345 }
            let length = 1 + Int(state >> 16 & 0x1F)
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
