import MartletModel
import NIOCore

/// Takes a chunked body (RFC 9112, section 7.1) off a connection's input.
struct ChunkedBody {
    private enum Stage {
        case size
        case data(Int)
        case dataEnd
        case trailers
    }

    /// A chunk's size, its extensions and the line's end.
    private static let maxSizeLine = 4096

    private let limits: Limits
    private let keepsContent: Bool
    private var stage = Stage.size
    /// Bytes of content so far.
    private var count = 0
    /// Bytes of chunk extensions and trailers so far: they carry nothing, so they may not be many.
    private var overhead = 0
    private var trailerCount = 0
    /// The content, if it is kept.
    private(set) var content = ByteBuffer()

    /// - Parameter keepsContent: false when the body only has to pass by.
    init(_ limits: Limits, keepsContent: Bool) {
        self.limits = limits
        self.keepsContent = keepsContent
    }

    /// Bytes of content so far.
    var size: Int { count }

    /// Bytes that its content takes in memory.
    var storedBytes: Int { content.storageCapacity }

    /// Takes what has come.
    /// - Returns: Whether the body is complete. What is behind it stays in `input`.
    mutating func read(from input: inout ByteBuffer) throws(Rejection) -> Bool {
        while true {
            switch stage {
            case .size:
                guard let size = try takeLine(&input, Self.chunkSize) else { return false }
                overhead += size.overhead
                guard overhead <= limits.headerSize else { throw .malformed("The chunks' extensions are too long.") }
                guard size.value <= limits.bodySize - count else { throw .bodyTooLarge(limits) }
                stage = size.value == 0 ? .trailers : .data(size.value)
            case .data(let left):
                let taken = min(left, input.readableBytes)
                guard taken > 0 else { return false }
                take(taken, from: &input)
                stage = taken == left ? .dataEnd : .data(left - taken)
            case .dataEnd:
                guard input.readableBytes >= 2 else { return false }
                guard input.readInteger(as: UInt16.self) == 0x0D0A else { throw Self.malformedChunk }
                stage = .size
            case .trailers:
                guard let isLast = try takeLine(&input, Self.isLastTrailer) else { return false }
                if isLast.value { return true }
                overhead += isLast.overhead
                trailerCount += 1
                guard overhead <= limits.headerSize, trailerCount <= limits.fieldCount else {
                    throw .headersTooLarge("The trailers are too long.")
                }
            }
        }
    }

    private mutating func take(_ bytes: Int, from input: inout ByteBuffer) {
        count += bytes
        if keepsContent, let slice = input.readSlice(length: bytes) {
            content.writeImmutableBuffer(slice)
        } else {
            input.moveReaderIndex(forwardBy: bytes)
        }
    }
}

// MARK: - Lines

extension ChunkedBody {
    private static let malformedChunk = Rejection.malformed("The chunked body is malformed.")

    private typealias Line<Value> = (value: Value, overhead: Int)

    /// Takes a line if it is complete, and reads it without its CRLF.
    private func takeLine<Value>(
        _ input: inout ByteBuffer, _ read: (UnsafeRawBufferPointer) throws(Rejection) -> Line<Value>
    ) throws(Rejection) -> Line<Value>? {
        var length = 0
        let result: Result<Line<Value>, Rejection>? = input.withUnsafeReadableBytes { bytes in
            guard let newline = bytes.next(UInt8(ascii: "\n")) else {
                return bytes.count > Self.maxSizeLine ? .failure(Self.malformedChunk) : nil
            }
            length = newline + 1
            guard newline > 0, newline <= Self.maxSizeLine, bytes[newline - 1] == UInt8(ascii: "\r") else {
                return .failure(Self.malformedChunk)
            }
            return Result { () throws(Rejection) in try read(bytes.slice(0..<newline - 1)) }
        }
        let line = try result?.get()
        input.moveReaderIndex(forwardBy: length)
        return line
    }

    /// `chunk-size [ chunk-ext ]`; extensions are ignored, as they must be.
    private static func chunkSize(_ line: UnsafeRawBufferPointer) throws(Rejection) -> Line<Int> {
        var (value, digits) = (0, 0)
        while digits < line.count, let digit = line[digits].hexValue {
            // 15 digits fit into an Int, and are more than any limit allows.
            guard digits < 15 else { throw malformedChunk }
            value = value << 4 | Int(digit)
            digits += 1
        }
        let extensions = line.slice(from: digits)
        guard digits > 0, areExtensions(extensions) else { throw malformedChunk }
        return (value, extensions.count)
    }

    /// `*( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )` (RFC 9112, section 7.1.1). BWS is white space that
    /// no sender may write and every recipient has to read (RFC 9110, section 5.6.3): here alone, and not before the line's end.
    private static func areExtensions(_ text: UnsafeRawBufferPointer) -> Bool {
        var rest = text
        while !rest.isEmpty {
            rest = rest.withoutLeadingWhitespace
            guard rest.first == UInt8(ascii: ";") else { return false }
            rest = rest.slice(from: 1).withoutLeadingWhitespace
            guard let name = rest.tokenLength else { return false }
            rest = rest.slice(from: name)
            let value = rest.withoutLeadingWhitespace
            guard value.first == UInt8(ascii: "=") else { continue }
            rest = value.slice(from: 1).withoutLeadingWhitespace
            guard let length = rest.tokenLength ?? rest.quotedStringLength else { return false }
            rest = rest.slice(from: length)
        }
        return true
    }

    /// Trailer fields are checked and dropped: none means anything here, and those about framing must not be there
    /// (RFC 9110, section 6.5.1).
    private static func isLastTrailer(_ line: UnsafeRawBufferPointer) throws(Rejection) -> Line<Bool> {
        if line.isEmpty { return (true, 0) }
        switch FieldName(try FieldLine(line).name) {
        case .contentLength, .transferEncoding, .host: throw malformedChunk
        default: return (false, line.count)
        }
    }
}
