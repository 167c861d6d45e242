import MartletKernel
import NIOCore

/// HTTP/1.1 (RFC 9112) on one connection: turns the bytes that have come into requests, and responses into bytes.
///
/// It decides where a request ends and how a response is delimited. What a request means, whether it is served and when, is
/// decided by the connection, for which another protocol's codec would do the same. It does no I/O, so the bytes may be TLS's.
///
/// ```
///   receive(_:) ─▶ next() ─▶ .head ─▶ expectBody(of:…) ─▶ next() ─▶ .body ─▶ write(_:…) ─▶ next() …
/// ```
struct HTTP1Codec {
    enum Event {
        /// A request's head. Its bytes can be asked for meanwhile: ``withTarget(_:)``, ``forEachField(_:)``.
        case head(RequestHead)
        /// The body that was expected, whole; empty if it is not wanted.
        case body(ByteBuffer)
        /// This is no HTTP. Nothing after it can be trusted.
        case malformed(Rejection)
        /// The client has sent its last byte.
        case endOfInput(isWithinRequest: Bool)
    }

    private enum Stage {
        case head
        case body(BodyReader)
    }

    /// Where the parts of the head are that was given last. Its bytes come first in the input until ``next()`` is called.
    private struct HeadRanges {
        var target = 0..<0
        var fields = 0..<0
        var length = 0
    }

    private let limits: Limits
    /// What has come and isn't consumed.
    private var input = ByteBuffer()
    private var stage = Stage.head
    private var parser: HeadParser
    private var head = HeadRanges()
    /// The version of the request whose response is due.
    private(set) var minorVersion = 1
    /// The response under way is sent in chunks.
    var isChunking = false
    /// The client has sent its last byte. It may still wait for responses.
    private(set) var isInputClosed = false

    init(_ limits: Limits, _ crossOrigin: CrossOrigin? = nil) {
        self.limits = limits
        parser = HeadParser(limits, crossOrigin)
    }

    /// - Returns: What the input has next. Nil: more of it is needed.
    mutating func next() -> Event? {
        dropHead()
        switch stage {
        case .head where isBetweenRequests: return isInputClosed ? .endOfInput(isWithinRequest: false) : nil
        case .head: return nextHead()
        case .body(let reader): return nextBody(reader)
        }
    }

    /// The origin of the head that is being read, as far as it has come: the response to a malformed one is for its page too.
    var origin: CrossOrigin.Match { parser.head.origin }

    /// No request has begun: nothing has come but the empty line that may come first (RFC 9112, section 2.2). Some clients send
    /// it after a body, and wait for no response to it.
    var isBetweenRequests: Bool {
        let count = bufferedBytes
        return count == 0
            || count <= 2 && input.readableBytesView.suffix(count).elementsEqual("\r\n".utf8.prefix(count))
    }
}

// MARK: - The input

extension HTTP1Codec {
    mutating func receive(_ bytes: inout ByteBuffer) {
        dropHead()
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeBuffer(&bytes)
        }
    }

    mutating func closeInput() { isInputClosed = true }

    /// What has come isn't wanted.
    mutating func discardInput() {
        head.length = 0
        (input, stage) = (ByteBuffer(), .head)
    }

    /// Bytes that have come after what ``next()`` has given.
    var bufferedBytes: Int { input.readableBytes - head.length }

    /// Memory of the input, and of what has been taken off it for a body that isn't whole.
    var storedBytes: Int {
        if case .body(let reader) = stage { input.storageCapacity + reader.storedBytes } else { input.storageCapacity }
    }

    /// Gives the memory of an empty input back.
    mutating func releaseEmptyInput() {
        dropHead()
        if input.readableBytes == 0 { input = ByteBuffer() }
    }

    /// Moves the last bytes of an input, or a few in a large one, to memory of their size.
    mutating func compactInput() {
        dropHead()
        guard input.storageCapacity > 1024, input.storageCapacity / 4 > input.readableBytes else { return }
        input = input.readableBytes == 0 ? ByteBuffer() : ByteBuffer(bytes: input.readableBytesView)
    }

    private mutating func dropHead() {
        input.moveReaderIndex(forwardBy: head.length)
        head.length = 0
    }
}

// MARK: - Requests

extension HTTP1Codec {
    private mutating func nextHead() -> Event? {
        let parsed: Result<HeadParser.Extent?, Rejection> = input.withUnsafeReadableBytes { bytes in
            Result { () throws(Rejection) in try parser.parse(bytes) }
        }
        switch parsed {
        case .success(let extent?):
            let head = parser.takeHead()
            self.head = HeadRanges(target: head.target, fields: extent.fields, length: extent.length)
            (minorVersion, isChunking) = (head.minorVersion, false)
            return .head(head)
        case .success(nil): return isInputClosed ? .endOfInput(isWithinRequest: true) : nil
        case .failure(let rejection): return .malformed(rejection)
        }
    }

    private mutating func nextBody(_ reader: BodyReader) -> Event? {
        var reader = reader
        // The stage lets go of the reader, so that it is not copied when it changes.
        stage = .head
        do throws(Rejection) {
            if let body = try reader.read(from: &input) { return .body(body) }
        } catch {
            return .malformed(error)
        }
        stage = .body(reader)
        return isInputClosed ? .endOfInput(isWithinRequest: true) : nil
    }

    /// Lets ``next()`` give the body of the request whose head it has just given, and tells a client that waits for it to go on.
    /// - Parameter isWanted: false: the body only has to pass by.
    mutating func expectBody(of head: RequestHead, isWanted: Bool, _ output: inout ByteBuffer) {
        dropHead()
        switch head.framing {
        case .chunked: stage = .body(.chunked(ChunkedBody(limits, keepsContent: isWanted)))
        case .length(let length): stage = .body(isWanted ? .whole(length: length) : .discarded(left: length))
        case .none: stage = .body(.discarded(left: 0))
        }
        if head.expectsContinue, input.readableBytes == 0 {
            output.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        }
    }

    /// Bytes of the head that has just been given.
    var headLength: Int { head.length }

    /// Calls `body` with the head that has just been given: with all its bytes.
    func withHead<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        input.withUnsafeReadableBytes { body($0.slice(0..<head.length)) }
    }

    /// Calls `body` with the target of the request whose head has just been given.
    func withTarget<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        withHead { body($0.slice(head.length > 0 ? head.target : 0..<0)) }
    }

    /// Calls `body` with the name and value of each field of the head that has just been given, in their order.
    func forEachField(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        guard head.length > 0 else { return }
        withHead { bytes in
            var start = head.fields.lowerBound
            while start < head.fields.upperBound, let end = bytes.next(UInt8(ascii: "\r"), from: start) {
                // Each was read as one before.
                if let field = try? FieldLine(bytes.slice(start..<end)) { body(field.name, field.value) }
                start = end + 2
            }
        }
    }

    /// All fields of the head that has just been given.
    var fields: RequestFields {
        var fields = RequestFields()
        forEachField { fields.append($0.text, $1.text) }
        return fields
    }
}
