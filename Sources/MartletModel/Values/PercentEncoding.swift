/// Percent-encoding (RFC 3986, section 2.1), strictly: a `%` without two hexadecimal digits after it is an error.
package enum PercentEncoding {
    /// - Parameter plusIsSpace: as in a query.
    /// - Returns: The bytes that are meant; nil for a malformed text.
    package static func decode(_ text: UnsafeRawBufferPointer, plusIsSpace: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "%"):
                guard index + 2 < text.count, let high = text[index + 1].hexValue, let low = text[index + 2].hexValue
                else { return nil }
                bytes.append(high << 4 | low)
                index += 3
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(0x20)
                index += 1
            case let byte:
                bytes.append(byte)
                index += 1
            }
        }
        return bytes
    }

    /// Calls `body` with what a part of a query means: without a copy where nothing is encoded.
    /// - Returns: nil for a malformed text, and for one that means no UTF-8.
    @inlinable
    package static func withQueryText<R>(
        _ text: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> R
    ) -> R? {
        guard text.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return body(text) }
        guard let decoded = decode(text, plusIsSpace: true), String(validating: decoded, as: UTF8.self) != nil else {
            return nil
        }
        return decoded.withUnsafeBytes(body)
    }

    /// - Parameter isKept: what stays as it is; the unreserved characters (section 2.3), unless more of them may.
    package static func encode(
        _ text: some Sequence<UInt8>, keeping isKept: (UInt8) -> Bool = Self.isUnreserved
    ) -> String {
        var encoded: [UInt8] = []
        for byte in text {
            if isKept(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), upperCaseDigit(byte >> 4), upperCaseDigit(byte)]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    package static func isUnreserved(_ byte: UInt8) -> Bool {
        isLowerCase(byte) || isUpperCase(byte) || isDigit(byte) || "-._~".utf8.contains(byte)
    }

    /// As section 2.1 wants them written.
    private static func upperCaseDigit(_ value: UInt8) -> UInt8 {
        let digit = value.hexDigit
        return isLowerCase(digit) ? digit - 32 : digit
    }
}
