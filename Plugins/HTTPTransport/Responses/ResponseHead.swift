import MartletModel

/// Writes an answer's head as bytes. What is the same in every answer stands ready as one block.
struct ResponseHead {
    private(set) var bytes: [UInt8] = []

    mutating func begin(_ status: ResponseStatus) {
        bytes.removeAll(keepingCapacity: true)
        add("HTTP/1.1 ")
        add(decimal: status.code)
        add(" ")
        bytes.append(contentsOf: status.reasonPhrase.utf8)
        add("\r\n")
    }

    /// - Parameter variesByOrigin: pages of other origins may use the server, so whose page asks changes each answer.
    mutating func add(_ content: Answer.Content, variesByOrigin: Bool) {
        switch content {
        case .none: addDataBlock(variesByOrigin)
        case .permissions:
            add("Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n")
            add("X-Content-Type-Options: nosniff\r\n")
        case .record, .largeRecord:
            add("Content-Type: application/json\r\n")
            addDataBlock(variesByOrigin)
        case .problem:
            add("Content-Type: application/problem+json\r\n")
            addDataBlock(variesByOrigin)
        case .chunks(_, let type):
            add("Content-Type", type)
            addDataBlock(variesByOrigin)
        case .asset(let page):
            add("X-Content-Type-Options: nosniff\r\n")
            add("Content-Type", page.contentType)
            add("Cache-Control", page.cacheControl)
            if variesByOrigin { add("Vary: Origin\r\n") }
            if let policy = page.contentSecurityPolicy { add("Content-Security-Policy", policy) }
        }
    }

    mutating func add(_ name: StaticString, _ value: String) {
        add(name)
        add(": ")
        bytes.append(contentsOf: value.utf8)
        add("\r\n")
    }

    mutating func add(contentLength: Int) {
        add("Content-Length: ")
        add(decimal: contentLength)
        add("\r\n")
    }

    /// `ETag: "42-9f3a1c02"`
    mutating func add(_ tag: EntityTag) {
        guard let version = tag.version else { return }
        add("ETag: \"")
        add(decimal: Int(version))
        bytes.append(UInt8(ascii: "-"))
        for shift in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: tag.checksum >> UInt32(shift)) & 0xF
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        add("\"\r\n")
    }

    mutating func add(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func add(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
    }

    private mutating func add(decimal value: Int) {
        // Another program may have given a record a negative version.
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        add(decimal: value.magnitude)
    }

    private mutating func add(decimal value: UInt) {
        if value >= 10 { add(decimal: value / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    /// What every data answer carries.
    private mutating func addDataBlock(_ variesByOrigin: Bool) {
        add(variesByOrigin ? Self.dataBlockByOrigin : Self.dataBlock)
    }

    private static let dataBlock: StaticString =
        "Cache-Control: private, no-cache\r\nVary: Accept, Prefer\r\nX-Content-Type-Options: nosniff\r\n"
    private static let dataBlockByOrigin: StaticString =
        "Cache-Control: private, no-cache\r\nVary: Accept, Prefer, Origin\r\nX-Content-Type-Options: nosniff\r\n"
}
