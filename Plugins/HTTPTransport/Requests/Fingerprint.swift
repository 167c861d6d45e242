import MartletModel

/// A hash of what a request says, to see whether a repeated one says the same: FNV-1a of 64 bits.
///
/// It guards against a client's own mistake, a key used for two different writes. It needn't withstand one that looks for
/// collisions: that would only harm itself.
struct Fingerprint: Sendable {
    /// What of the head counts. Each is hashed on its own, as header fields may come in another order the next time.
    enum Part: Int {
        case ifMatch, ifNoneMatch, prefer, query
    }

    private var hashes = SIMD4<UInt64>(repeating: FNV1a().value)

    mutating func add(_ part: Part, _ bytes: UnsafeRawBufferPointer) {
        var hash = FNV1a(hashes[part.rawValue])
        hash.add(bytes)
        // Where it ends: two fields of a name are not one.
        withUnsafeBytes(of: bytes.count.littleEndian) { hash.add($0) }
        hashes[part.rawValue] = hash.value
    }

    /// Of all parts.
    var head: UInt64 {
        withUnsafeBytes(of: hashes) { FNV1a.hash(of: $0) }
    }

    /// Of a whole request.
    static func whole(_ head: UInt64, body: UnsafeRawBufferPointer) -> UInt64 {
        var hash = FNV1a(head)
        hash.add(body)
        return hash.value
    }
}
