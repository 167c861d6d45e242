import MartletKernel
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
            var bytes = ByteBuffer(bytes: piece)
            reader.codec.receive(&bytes)
            while !reader.isClosed, let event = reader.codec.next() {
                reader.take(event)
                if reader.result.isRefused { return reader.result }
            }
            // As the connection would.
            if reader.isClosed { break }
        }
        reader.result.isWaiting = reader.isClosed || reader.isInBody || reader.codec.bufferedBytes > 0
        return reader.result
    }

    private let limits: Limits
    private var result = Result()
    private var codec: HTTP1Codec
    private var isInBody = false
    private var isPersistent = true
    private var isClosed = false
    private var request = Request(method: "", target: "", body: [])

    private init(_ limits: Limits) {
        self.limits = limits
        codec = HTTP1Codec(limits)
    }

    private mutating func take(_ event: HTTP1Codec.Event) {
        switch event {
        case .head(let head): take(head)
        case .body(let body):
            isInBody = false
            request.body = Array(body.readableBytesView)
            result.requests.append(request)
            isClosed = !isPersistent
        case .malformed, .endOfInput: result.isRefused = true
        }
    }

    private mutating func take(_ head: RequestHead) {
        if case .length(let length) = head.framing, length > limits.bodySize {
            result.isRefused = true
            return
        }
        let request: Request? = codec.withHead { bytes in
            let target = bytes.slice(head.target)
            guard (try? RequestTarget(target, for: head.method)) != nil else { return nil }
            let line = bytes.slice(0..<head.target.lowerBound - 1).text.drop { $0 == "\r\n" }
            return Request(method: String(line), target: target.text, body: [])
        }
        guard let request else {
            result.isRefused = true
            return
        }
        (self.request, isInBody, isPersistent) = (request, true, head.isPersistent)
        var output = ByteBuffer()
        codec.expectBody(of: head, isWanted: true, &output)
    }
}

extension Limits {
    /// So small that short inputs reach them.
    static let small = Limits(targetSize: 40, fieldSize: 40, headerSize: 120, fieldCount: 5, bodySize: 100)
}
