/// One header or trailer field, `name: value` (RFC 9112, section 5), without its CRLF.
///
/// Strict where leniency is what request smuggling lives on: no white space before the colon, no folded line, no
/// control characters.
struct FieldLine {
    let name: UnsafeRawBufferPointer
    let value: UnsafeRawBufferPointer

    init(_ line: UnsafeRawBufferPointer) throws(Rejection) {
        guard let colon = line.next(UInt8(ascii: ":")) else {
            throw .malformed("A header field has no colon.")
        }
        name = line.slice(0..<colon)
        guard !name.isEmpty, name.allSatisfy(\.isTokenCharacter) else {
            throw .malformed("A header field's name is not a token.")
        }
        value = line.slice(from: colon + 1).trimmed
        guard value.allSatisfy(\.isFieldContent) else {
            throw .malformed("A header field's value has a control character.")
        }
    }
}
