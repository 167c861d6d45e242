import NIOCore

@testable import HTTPTransport

/// Requests as this transport reads them, in the terms of ``ReferenceDecoder``.
struct OwnReader {
    /// `isWaiting`: there is more than the requests, or nothing behind the last one counts.
    static func read(
        _ bytes: [UInt8], piece: Int = .max
    ) -> (requests: [ReferenceDecoder.Request], isRefused: Bool, isWaiting: Bool) {
        var reader = OwnReader()
        var rest = bytes[...]
        while !rest.isEmpty {
            reader.input.writeBytes(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            do { while try reader.step() {} } catch { return (reader.requests, true, false) }
            // As the connection would.
            if reader.isClosed { break }
        }
        let isWaiting = reader.isClosed || reader.body != nil || reader.input.readableBytes > 0
        return (reader.requests, false, isWaiting)
    }

    private let limits = Limits()
    private var input = ByteBuffer()
    private var parser = HeadParser(Limits())
    private var body: BodyReader?
    private var isPersistent = true
    private var isClosed = false
    private var request = ReferenceDecoder.Request(method: "", target: "", body: [])
    private var requests: [ReferenceDecoder.Request] = []

    private mutating func step() throws(Rejection) -> Bool {
        if body == nil {
            guard !isClosed, input.readableBytes > 0, let head = try readHead() else { return false }
            switch head.framing {
            case .none: body = .whole(length: 0)
            case .length(let length): body = .whole(length: length)
            case .chunked: body = .chunked(ChunkedBody(limits, keepsContent: true))
            }
        }
        guard let bytes = try body?.read(from: &input) else { return false }
        body = nil
        request.body = Array(bytes.readableBytesView)
        requests.append(request)
        isClosed = !isPersistent
        return true
    }

    private mutating func readHead() throws(Rejection) -> RequestHead? {
        var parser = self.parser
        let result: Result<(RequestHead, Int, String, String)?, Rejection> = input.withUnsafeReadableBytes { bytes in
            Result { () throws(Rejection) in
                guard let (head, length) = try parser.parse(bytes) else { return nil }
                _ = try RequestTarget(bytes.slice(head.target), for: head.method)
                let line = bytes.slice(0..<length).text.drop { $0 == "\r\n" }
                return (head, length, bytes.slice(head.target).text, String(line.prefix { $0 != " " }))
            }
        }
        self.parser = parser
        guard let (head, length, target, method) = try result.get() else { return nil }
        self.parser = HeadParser(limits)
        input.moveReaderIndex(forwardBy: length)
        (request.method, request.target, isPersistent) = (method, target, head.isPersistent)
        return head
    }
}
