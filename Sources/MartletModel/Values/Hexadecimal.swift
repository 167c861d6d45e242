extension UInt8 {
    /// What a hexadecimal digit of either case stands for; nil for any other character.
    @inlinable
    package var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The digit of the low four bits, in lower case.
    @inlinable
    package var hexDigit: UInt8 {
        let value = self & 0xF
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }
}

/// Two digits for each byte, in lower case.
@inlinable
package func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
        var length = 0
        for byte in bytes {
            text[length] = (byte >> 4).hexDigit
            text[length + 1] = byte.hexDigit
            length += 2
        }
        return length
    }
}
