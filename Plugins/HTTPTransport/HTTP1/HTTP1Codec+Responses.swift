import MartletModel
import NIOCore

/// Writes responses.
extension HTTP1Codec {
    /// A response whose length isn't known can be delimited otherwise than by the connection's end (RFC 9112, section 7.1).
    var takesChunks: Bool { minorVersion == 1 }

    /// - Parameters:
    ///   - date: the line of the field Date.
    ///   - variesByOrigin: see ``CommonFields/fields(variesByOrigin:)``.
    ///   - room: bytes of content that will follow in the same buffer.
    mutating func write(
        _ head: ResponseHead, date: [UInt8], variesByOrigin: Bool, room: Int = 0, to output: inout ByteBuffer
    ) {
        let start = PreparedHeads.all.range(head.status, head.common, variesByOrigin)
        let length = start.count + date.count + head.variableLength
        output.reserveCapacity(minimumWritableBytes: length + room)
        isChunking = head.length == .unknown && takesChunks
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { memory in
            var writer = HeadWriter(memory)
            PreparedHeads.all.bytes.withUnsafeBytes { writer.put($0.slice(start)) }
            for field in head.crossOrigin { writer.put(field) }
            date.withUnsafeBytes { writer.put($0) }
            writer.put("X-Request-Id: ")
            writer.put(head.requestID)
            writer.put("\r\n")
            if let tag = head.entityTag { writer.put(tag) }
            for field in head.fields { writer.put(field) }
            writer.put(head.length, isChunked: isChunking)
            if head.closes || head.length == .unknown && !isChunking {
                writer.put("Connection: close\r\n\r\n")
            } else {
                writer.put(minorVersion == 0 ? "Connection: keep-alive\r\n\r\n" : "\r\n")
            }
            return writer.count
        }
    }

    /// Writes the next bytes of content whose length isn't known.
    func write(content: ByteBuffer, to output: inout ByteBuffer) {
        // An empty chunk would be the last one.
        guard content.readableBytes > 0 else { return }
        guard isChunking else {
            output.writeImmutableBuffer(content)
            return
        }
        output.reserveCapacity(minimumWritableBytes: content.readableBytes + 20)
        output.writeString(String(content.readableBytes, radix: 16))
        output.writeStaticString("\r\n")
        output.writeImmutableBuffer(content)
        output.writeStaticString("\r\n")
    }

    /// Ends content whose length isn't known.
    mutating func writeEnd(to output: inout ByteBuffer) {
        if isChunking { output.writeStaticString("0\r\n\r\n") }
        isChunking = false
    }
}

// MARK: - Bytes of a head

extension ResponseHead {
    /// Bytes up to which its own fields come to.
    fileprivate var variableLength: Int {
        // X-Request-Id, ETag, Content-Length or Transfer-Encoding, Connection, and the empty line.
        let ours = 16 + requestID.utf8.count + 44 + 38 + 26 + 2
        return crossOrigin.reduce(fields.reduce(ours) { $0 + $1.length }) { $0 + $1.length }
    }
}

extension ResponseField {
    fileprivate var length: Int { name.utf8CodeUnitCount + 2 + value.utf8.count + 2 }
}

/// The beginning of a head, which is constant: the status line and the common fields, as one block for each status and kind.
private struct PreparedHeads: Sendable {
    static let all = PreparedHeads()

    private static let kinds = CommonFields.allCases.count * 2
    private static let firstCode = 200

    private(set) var bytes: [UInt8] = []
    /// Where the block is in ``bytes``.
    private var ranges: [Range<Int>]

    private init() {
        let codes = ResponseStatus.allCases.map(\.code)
        ranges = Array(repeating: 0..<0, count: ((codes.max() ?? 0) - Self.firstCode + 1) * Self.kinds)
        for status in ResponseStatus.allCases {
            for common in CommonFields.allCases {
                for variesByOrigin in [false, true] {
                    let start = bytes.count
                    bytes += "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n".utf8
                    for (name, value) in common.fields(variesByOrigin: variesByOrigin) {
                        bytes += "\(name): \(value)\r\n".utf8
                    }
                    ranges[Self.index(status, common, variesByOrigin)] = start..<bytes.count
                }
            }
        }
    }

    func range(_ status: ResponseStatus, _ common: CommonFields, _ variesByOrigin: Bool) -> Range<Int> {
        ranges[Self.index(status, common, variesByOrigin)]
    }

    private static func index(_ status: ResponseStatus, _ common: CommonFields, _ variesByOrigin: Bool) -> Int {
        (status.code - firstCode) * kinds + common.rawValue * 2 + (variesByOrigin ? 1 : 0)
    }
}

/// Writes bytes one after the other into memory that was reserved for all of them.
private struct HeadWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= memory.count - count, "a head is no longer than was reckoned")
        guard let source = bytes.baseAddress, let target = memory.baseAddress else { return }
        (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
    }

    mutating func put(_ field: ResponseField) {
        put(field.name)
        put(": ")
        put(field.value)
        put("\r\n")
    }

    /// `ETag: "42-9f3a1c02"`
    mutating func put(_ tag: EntityTag) {
        guard let version = tag.version else { return }
        put("ETag: \"")
        // Another program may have given a record a negative version.
        if version < 0 { put("-") }
        put(decimal: UInt64(version.magnitude))
        put("-")
        for shift in stride(from: 28, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: tag.checksum >> UInt32(shift)) & 0xF
            put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
        put("\"\r\n")
    }

    mutating func put(_ length: ResponseHead.Length, isChunked: Bool) {
        switch length {
        case .none: break
        case .bytes(let count):
            put("Content-Length: ")
            put(decimal: UInt64(count))
            put("\r\n")
        case .unknown: if isChunked { put("Transfer-Encoding: chunked\r\n") }
        }
    }

    private mutating func put(decimal value: UInt64) {
        if value >= 10 { put(decimal: value / 10) }
        put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value % 10))
    }

    private mutating func put(_ byte: UInt8) {
        withUnsafeBytes(of: byte) { put($0) }
    }
}
