/// The fields that decide where a request ends and whom it is for. Any doubt about them is 400, and the connection
/// closes: guessing is how one request becomes two.
struct FramingFields {
    private var hasHost = false
    private var length: Int?
    private var isChunked = false

    mutating func addHost(_ value: UnsafeRawBufferPointer) throws(Rejection) {
        guard !hasHost else { throw .malformed("Host is given twice.") }
        hasHost = true
        // Empty for a target without an authority (RFC 9112, section 3.2).
        guard value.isEmpty || Authority.isValid(value) else { throw .malformed("Host names no valid host and port.") }
    }

    mutating func addContentLength(_ value: UnsafeRawBufferPointer) throws(Rejection) {
        guard length == nil else { throw .malformed("Content-Length is given twice.") }
        guard !value.isEmpty, value.allSatisfy(\.isDigit) else {
            throw .malformed("Content-Length is not a number.")
        }
        var total = 0
        for digit in value {
            // More than an Int holds is more than any limit allows, and that is all that matters of it.
            let (tenfold, overflow) = total.multipliedReportingOverflow(by: 10)
            total = overflow ? .max - 9 : tenfold
            total += min(Int(digit - UInt8(ascii: "0")), .max - total)
        }
        length = total
    }

    mutating func addTransferEncoding(_ value: UnsafeRawBufferPointer) throws(Rejection) {
        guard !isChunked, value.equalsIgnoringCase("chunked") else {
            throw .malformed("The only transfer coding is chunked, once.")
        }
        isChunked = true
    }

    /// Gives the head its framing.
    func complete(_ head: inout RequestHead) throws(Rejection) {
        guard hasHost || head.minorVersion == 0 else { throw .malformed("Host is missing.") }
        guard !isChunked || length == nil else {
            throw .malformed("Content-Length and Transfer-Encoding exclude each other.")
        }
        guard !isChunked || head.minorVersion == 1 else {
            throw .malformed("HTTP/1.0 has no Transfer-Encoding.")
        }
        if isChunked {
            head.framing = .chunked
        } else if let length, length > 0 {
            head.framing = .length(length)
        }
        if head.isClosing { head.isPersistent = false }
    }
}
