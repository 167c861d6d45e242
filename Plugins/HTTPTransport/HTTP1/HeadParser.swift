/// Reads a request's head (RFC 9112) line by line, as its bytes come in.
///
/// It is this server's only reader of HTTP's syntax: one parser alone decides where a request ends, so there is no
/// second one that could be made to disagree. It takes what the RFC's grammar allows and none of the leniencies that
/// the RFC permits (bare LF, folded lines, repeated lengths), and it makes no string of what it only has to recognise.
struct HeadParser {
    /// Where a complete head's fields are, and where it ends, counted from its first byte.
    typealias Extent = (fields: Range<Int>, length: Int)

    /// In bytes.
    private static let maxMethodLength = 32

    private let limits: Limits
    private let crossOrigin: CrossOrigin?
    /// As far as it has been read.
    private(set) var head = RequestHead()
    /// Where the line that is being read begins.
    private var lineStart = 0
    /// Up to where that line has been searched for its end.
    private var searched = 0
    /// Where the header fields begin; nil while the request line is read.
    private var fieldsStart: Int?
    private var fieldCount = 0
    private var framing = FramingFields()
    private var isWithoutLine = true

    init(_ limits: Limits, _ crossOrigin: CrossOrigin? = nil) {
        self.limits = limits
        self.crossOrigin = crossOrigin
    }

    /// Reads on.
    /// - Parameter bytes: all that has come since the head's first byte.
    /// - Returns: Nil until the head is complete.
    mutating func parse(_ bytes: UnsafeRawBufferPointer) throws(Rejection) -> Extent? {
        while let newline = bytes.next(UInt8(ascii: "\n"), from: searched) {
            let line = bytes.slice(lineStart..<newline + 1)
            guard line.count > 1, line[line.count - 2] == UInt8(ascii: "\r") else {
                throw .malformed("A line does not end with CR and LF.")
            }
            let content = line.slice(0..<line.count - 2)
            (lineStart, searched) = (newline + 1, newline + 1)
            if try take(content, endingAt: newline + 1) {
                try framing.complete(&head)
                return ((fieldsStart ?? newline - 1)..<newline - 1, newline + 1)
            }
        }
        searched = bytes.count
        try checkPartialLine(bytes.slice(from: lineStart))
        return nil
    }

    /// The head that is complete. What is parsed next is another one.
    mutating func takeHead() -> RequestHead {
        let head = head
        self = HeadParser(limits, crossOrigin)
        return head
    }

    /// Takes a whole line without its CRLF.
    /// - Returns: Whether it was the last one.
    private mutating func take(_ line: UnsafeRawBufferPointer, endingAt end: Int) throws(Rejection) -> Bool {
        guard let fieldsStart else {
            // RFC 9112, section 2.2: an empty line before the request is to be ignored. One is what old clients send.
            if line.isEmpty, isWithoutLine {
                isWithoutLine = false
                return false
            }
            try takeRequestLine(line, at: end - line.count - 2)
            fieldsStart = end
            return false
        }
        if line.isEmpty { return true }
        fieldCount += 1
        guard fieldCount <= limits.fieldCount else {
            throw .headersTooLarge("There are more than \(limits.fieldCount) header fields.")
        }
        try checkSize(ofField: line.count, ofFields: end - fieldsStart)
        try takeField(FieldLine(line))
        return false
    }

    /// A line that never ends must not be waited for: its limits hold, and its first bytes are judged, before its end.
    private func checkPartialLine(_ line: UnsafeRawBufferPointer) throws(Rejection) {
        // A CR at the end is most likely half of the line's end, which no limit counts: where the bytes were cut must not
        // decide.
        let line = line.last == UInt8(ascii: "\r") ? line.slice(0..<line.count - 1) : line
        if let fieldsStart {
            return try checkSize(ofField: line.count, ofFields: line.count + lineStart - fieldsStart)
        }
        guard let methodEnd = try endOfMethod(in: line) else { return }
        let targetEnd = line.next(UInt8(ascii: " "), from: methodEnd + 1) ?? line.count
        guard targetEnd - methodEnd - 1 <= limits.targetSize else { throw .targetTooLong(limits) }
        // Too long for a version. It may be the rest of a target with a space, which is told once the line is complete.
        guard line.count - methodEnd - 1 <= limits.targetSize + 10 else { throw Self.badRequestLine }
    }

    private func checkSize(ofField field: Int, ofFields fields: Int) throws(Rejection) {
        guard field <= limits.fieldSize else {
            throw .headersTooLarge("A header field is longer than \(limits.fieldSize) bytes.")
        }
        guard fields <= limits.headerSize else {
            throw .headersTooLarge("The header fields are longer than \(limits.headerSize) bytes.")
        }
    }
}

// MARK: - The request line

extension HeadParser {
    private static let badRequestLine = Rejection.malformed("This is no request line of HTTP/1.1 or HTTP/1.0.")
    private static let badTarget = Rejection.malformed(
        "The request's target is not a valid one: percent-encode what is not ASCII, a space as %20 and # as %23.")

    private mutating func takeRequestLine(_ line: UnsafeRawBufferPointer, at start: Int) throws(Rejection) {
        guard let methodEnd = try endOfMethod(in: line), methodEnd > 0,
            let targetEnd = line.next(UInt8(ascii: " "), from: methodEnd + 1)
        else { throw Self.badRequestLine }
        let target = line.slice(methodEnd + 1..<targetEnd)
        guard target.count <= limits.targetSize else { throw .targetTooLong(limits) }
        guard !target.isEmpty, target.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "#") }) else {
            throw Self.badTarget
        }
        let version = line.slice(from: targetEnd + 1)
        guard let (major, minor) = version.httpVersion else {
            // There is a space in the target.
            let hasSpace = line.count - methodEnd - 1 <= limits.targetSize + 10 && version.hasVersionAtEnd
            throw hasSpace ? Self.badTarget : Self.badRequestLine
        }
        guard major == 1 else { throw .versionNotSupported(version.text) }
        // A higher minor version is served as the highest one that is known here (RFC 9110, section 2.5).
        head.minorVersion = min(minor, 1)
        head.isPersistent = head.minorVersion == 1
        head.method = HTTPMethod(line.slice(0..<methodEnd))
        head.target = start + methodEnd + 1..<start + targetEnd
    }

    /// Where the method ends; nil if the line so far is but the beginning of one.
    private func endOfMethod(in line: UnsafeRawBufferPointer) throws(Rejection) -> Int? {
        for (index, byte) in line.prefix(Self.maxMethodLength + 1).enumerated() {
            if byte == UInt8(ascii: " "), index > 0 { return index }
            // The CR may be that of the empty line which may come first, or of a line without spaces: it is judged
            // once it is complete.
            if byte == UInt8(ascii: "\r"), index == line.count - 1 { return nil }
            guard byte.isTokenCharacter, index < Self.maxMethodLength else { throw Self.badRequestLine }
        }
        return nil
    }
}

// MARK: - The fields

extension HeadParser {
    /// Reads the fields of HTTP/1.1 itself. What others mean is the same in any version.
    private mutating func takeField(_ field: FieldLine) throws(Rejection) {
        let name = FieldName(field.name)
        switch name {
        case .host: try framing.addHost(field.value)
        case .contentLength: try framing.addContentLength(field.value)
        case .transferEncoding: try framing.addTransferEncoding(field.value)
        case .connection: takeConnection(field.value)
        case .expect: takeExpectation(field.value)
        default: try head.add(name, field.value, crossOrigin)
        }
    }

    private mutating func takeExpectation(_ value: UnsafeRawBufferPointer) {
        guard value.equalsIgnoringCase("100-continue") else {
            head.hasUnknownExpectation = true
            return
        }
        // RFC 9110, section 10.1.1: an HTTP/1.0 client can't mean it.
        head.expectsContinue = head.minorVersion == 1
    }

    private mutating func takeConnection(_ value: UnsafeRawBufferPointer) {
        value.forEachListElement { option in
            if option.equalsIgnoringCase("close") {
                head.isClosing = true
            } else if option.equalsIgnoringCase("keep-alive") {
                head.isPersistent = true
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// `HTTP/` and two digits with a dot between them (RFC 9112, section 2.3).
    fileprivate var httpVersion: (major: Int, minor: Int)? {
        guard count == 8, slice(0..<5).equals("HTTP/"), self[6] == UInt8(ascii: "."), self[5].isDigit, self[7].isDigit
        else { return nil }
        return (Int(self[5] - UInt8(ascii: "0")), Int(self[7] - UInt8(ascii: "0")))
    }

    fileprivate var hasVersionAtEnd: Bool {
        count > 9 && self[count - 9] == UInt8(ascii: " ") && slice(from: count - 8).httpVersion != nil
    }
}
