import NIOCore

@testable import HTTPTransport

/// Requests as our parser takes them off a connection's bytes.
struct RequestReader {
    struct Request: Equatable {
        var method: String
        var target: String
        var body: [UInt8]
    }

    struct Result: Equatable {
        var requests: [Request] = []
        var isRefused = false
        /// There is more than the requests, or nothing behind the last one counts.
        var isWaiting = false
    }

    static func read(_ pieces: [ArraySlice<UInt8>], limits: Limits) -> Result {
        var reader = RequestReader(limits)
        for piece in pieces {
            reader.input.writeBytes(piece)
            do { while try reader.step() {} } catch {
                reader.result.isRefused = true
                return reader.result
            }
            // As the connection would.
            if reader.isClosed { break }
        }
        reader.result.isWaiting = reader.isClosed || reader.body != nil || reader.input.readableBytes > 0
        return reader.result
    }

    private let limits: Limits
    private var result = Result()
    private var input = ByteBuffer()
    private var parser: HeadParser
    private var body: BodyReader?
    private var isPersistent = true
    private var isClosed = false
    private var request = Request(method: "", target: "", body: [])

    private init(_ limits: Limits) {
        self.limits = limits
        parser = HeadParser(limits)
    }

    private mutating func step() throws(Rejection) -> Bool {
        if body == nil {
            guard !isClosed, input.readableBytes > 0, let head = try readHead() else { return false }
            switch head.framing {
            case .none: body = .whole(length: 0)
            case .length(let length):
                guard length <= limits.bodySize else { throw .bodyTooLarge(limits) }
                body = .whole(length: length)
            case .chunked: body = .chunked(ChunkedBody(limits, keepsContent: true))
            }
        }
        guard let bytes = try body?.read(from: &input) else { return false }
        body = nil
        request.body = Array(bytes.readableBytesView)
        result.requests.append(request)
        isClosed = !isPersistent
        return true
    }

    private mutating func readHead() throws(Rejection) -> RequestHead? {
        var parser = self.parser
        let parsed: Swift.Result<(RequestHead, Int, Request)?, Rejection> = input.withUnsafeReadableBytes { bytes in
            Swift.Result { () throws(Rejection) in
                guard let (head, length) = try parser.parse(bytes) else { return nil }
                _ = try RequestTarget(bytes.slice(head.target), for: head.method)
                let line = bytes.slice(0..<head.target.lowerBound - 1).text.drop { $0 == "\r\n" }
                return (head, length, Request(method: String(line), target: bytes.slice(head.target).text, body: []))
            }
        }
        self.parser = parser
        guard let (head, length, request) = try parsed.get() else { return nil }
        self.parser = HeadParser(limits)
        input.moveReaderIndex(forwardBy: length)
        (self.request, isPersistent) = (request, head.isPersistent)
        return head
    }
}

extension Limits {
    /// So small that short inputs reach them.
    static let small = Limits(targetSize: 40, fieldSize: 40, headerSize: 120, fieldCount: 5, bodySize: 100)
}
