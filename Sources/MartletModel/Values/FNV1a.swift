/// The hash FNV-1a of Fowler, Noll and Vo, of 32 or 64 bits.
///
/// Its results are stored and travel, as checksums, cursors, names and fingerprints: they must stay the same. It withstands
/// nobody who looks for collisions.
package struct FNV1a<Value: FNV1aValue>: Sendable {
    /// The hash of what was added.
    package var value: Value

    /// - Parameter value: of a hash that goes on.
    package init(_ value: Value = .fnvOffsetBasis) {
        self.value = value
    }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        value = value.fnvMixed(with: bytes)
    }

    package mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
    }

    package mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
    }

    package static func hash(of bytes: UnsafeRawBufferPointer) -> Value {
        var hash = FNV1a()
        hash.add(bytes)
        return hash.value
    }

    package static func hash(of text: String) -> Value {
        var hash = FNV1a()
        hash.add(text)
        return hash.value
    }
}

/// An integer of a size that FNV-1a has constants for.
package protocol FNV1aValue: Sendable {
    static var fnvOffsetBasis: Self { get }
    /// A requirement, so that the loop is compiled for each integer: generic code of another module takes 20 ns a byte.
    func fnvMixed(with bytes: UnsafeRawBufferPointer) -> Self
}

extension UInt32: FNV1aValue {
    package static var fnvOffsetBasis: UInt32 { 0x811C_9DC5 }

    package func fnvMixed(with bytes: UnsafeRawBufferPointer) -> UInt32 {
        bytes.reduce(self) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }
}

extension UInt64: FNV1aValue {
    package static var fnvOffsetBasis: UInt64 { 0xCBF2_9CE4_8422_2325 }

    package func fnvMixed(with bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.reduce(self) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
    }
}
