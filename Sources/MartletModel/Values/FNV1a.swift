/// The hash FNV-1a of Fowler, Noll and Vo, of 32 or 64 bits.
///
/// Its results are stored and travel, as checksums, cursors, names and fingerprints: they must stay the same. It withstands
/// nobody who looks for collisions.
package struct FNV1a<Value: FNV1aValue>: Sendable {
    /// The hash of what was added.
    package var value: Value

    /// - Parameter value: of a hash that goes on.
    @inlinable
    package init(_ value: Value = .fnvOffsetBasis) {
        self.value = value
    }

    /// Always inlined: as a generic function of another module it took 20 ns a byte.
    @inlinable @inline(__always)
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ Value(byte)) &* Value.fnvPrime }
    }

    @inlinable @inline(__always)
    package static func hash(of bytes: some Sequence<UInt8>) -> Value {
        var hash = FNV1a()
        hash.add(bytes)
        return hash.value
    }
}

package protocol FNV1aValue: FixedWidthInteger, UnsignedInteger, Sendable {
    static var fnvOffsetBasis: Self { get }
    static var fnvPrime: Self { get }
}

extension UInt32: FNV1aValue {
    @inlinable package static var fnvOffsetBasis: UInt32 { 0x811C_9DC5 }
    @inlinable package static var fnvPrime: UInt32 { 0x0100_0193 }
}

extension UInt64: FNV1aValue {
    @inlinable package static var fnvOffsetBasis: UInt64 { 0xCBF2_9CE4_8422_2325 }
    @inlinable package static var fnvPrime: UInt64 { 0x0100_0000_01B3 }
}
