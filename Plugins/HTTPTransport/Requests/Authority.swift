import Glibc
import MartletModel

/// Whom a request is for: `uri-host [ ":" port ]`, in the field Host and in a target of the absolute form (RFC 9112, section 3.2).
enum Authority {
    /// Whether it is one by the grammar of RFC 3986, section 3.2, without userinfo, and with a host (RFC 9110, section 4.2.1).
    static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        let end: Int
        if text.first == UInt8(ascii: "[") {
            guard let bracket = text.next(UInt8(ascii: "]")), isAddress(text.slice(1..<bracket)) else { return false }
            end = bracket + 1
        } else {
            end = text.next(UInt8(ascii: ":")) ?? text.count
            guard end > 0, isName(text.slice(0..<end)) else { return false }
        }
        guard end < text.count else { return true }
        return text[end] == UInt8(ascii: ":") && isPort(text.slice(from: end + 1))
    }

    /// `reg-name`, which an IPv4 address is too: unreserved characters, sub-delims and percent-encoded bytes.
    private static func isName(_ text: UnsafeRawBufferPointer) -> Bool {
        for (index, byte) in text.enumerated() {
            if byte.isNameCharacter { continue }
            guard byte == UInt8(ascii: "%"), index + 2 < text.count, text[index + 1].hexValue != nil,
                text[index + 2].hexValue != nil
            else { return false }
        }
        return true
    }

    /// What stands between brackets: `IPv6address`, or `IPvFuture`, which is `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`.
    private static func isAddress(_ text: UnsafeRawBufferPointer) -> Bool {
        if text.first == UInt8(ascii: "v") || text.first == UInt8(ascii: "V") {
            guard let dot = text.next(UInt8(ascii: ".")), dot > 1, dot + 1 < text.count else { return false }
            return text.slice(1..<dot).allSatisfy { $0.hexValue != nil }
                && text.slice(from: dot + 1).allSatisfy { $0.isNameCharacter || $0 == UInt8(ascii: ":") }
        }
        // As long as the longest there is, so that nothing longer is copied.
        guard text.count < Int(INET6_ADDRSTRLEN) else { return false }
        var address = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET6, text.text, &address) == 1
    }

    /// `*DIGIT`, which may be none, and is at most 65535.
    private static func isPort(_ text: UnsafeRawBufferPointer) -> Bool {
        var number = 0
        for digit in text {
            guard digit.isDigit else { return false }
            number = number * 10 + Int(digit - UInt8(ascii: "0"))
            guard number <= 65_535 else { return false }
        }
        return true
    }
}

extension UInt8 {
    /// An unreserved character or a sub-delimiter (RFC 3986, sections 2.2 and 2.3).
    fileprivate var isNameCharacter: Bool {
        isLetterOrDigit || "-._~!$&'()*+,;=".utf8.contains(self)
    }
}
