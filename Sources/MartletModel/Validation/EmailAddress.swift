/// Whether a text is a valid e-mail address as <https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>
/// defines it: `atext` and dots, `@`, then dot-separated labels of 1 to 63 letters, digits and inner hyphens.
func isEmailAddress(_ utf8: UnsafeRawBufferPointer) -> Bool {
    guard let at = utf8.firstIndex(of: UInt8(ascii: "@")), at > 0, at + 1 < utf8.count else { return false }
    guard utf8[..<at].allSatisfy(isLocalPart) else { return false }
    var rest = utf8[(at + 1)...]
    // Label by label, so that a long text is given up at the first wrong one.
    while let dot = rest.firstIndex(of: UInt8(ascii: ".")) {
        guard isLabel(rest[..<dot]) else { return false }
        rest = rest[(dot + 1)...]
    }
    return isLabel(rest)
}

private func isLocalPart(_ byte: UInt8) -> Bool {
    if isLowerCase(byte) || isUpperCase(byte) || isDigit(byte) { return true }
    return switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"),
        UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "/"),
        UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
        UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"), UInt8(ascii: "-"):
        true
    default: false
    }
}

private func isLabel(_ label: Slice<UnsafeRawBufferPointer>) -> Bool {
    guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else {
        return false
    }
    return label.allSatisfy { isLowerCase($0) || isUpperCase($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
}
