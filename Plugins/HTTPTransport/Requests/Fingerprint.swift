/// A hash of what a request says, to see whether a repeated one says the same: FNV-1a of 64 bits.
///
/// It guards against a client's own mistake, a key used for two different writes. It needn't withstand one that looks for
/// collisions: that would only harm itself.
struct Fingerprint: Sendable {
    /// What of the head counts. Each is hashed on its own, as header fields may come in another order the next time.
    enum Part: Int {
        case ifMatch, ifNoneMatch, prefer, query
    }

    private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325
    private var hashes = SIMD4<UInt64>(repeating: basis)

    mutating func add(_ part: Part, _ bytes: UnsafeRawBufferPointer) {
        var hash = hashes[part.rawValue]
        Self.mix(bytes, into: &hash)
        // Where it ends: two fields of a name are not one.
        withUnsafeBytes(of: bytes.count.littleEndian) { Self.mix($0, into: &hash) }
        hashes[part.rawValue] = hash
    }

    /// Of all parts.
    var head: UInt64 {
        var hash = Self.basis
        withUnsafeBytes(of: hashes) { Self.mix($0, into: &hash) }
        return hash
    }

    /// Of a whole request.
    static func whole(_ head: UInt64, body: UnsafeRawBufferPointer) -> UInt64 {
        var hash = head
        mix(body, into: &hash)
        return hash
    }

    private static func mix(_ bytes: UnsafeRawBufferPointer, into hash: inout UInt64) {
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
}
