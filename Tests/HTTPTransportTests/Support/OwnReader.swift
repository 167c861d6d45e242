import MartletKernel
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
        while !rest.isEmpty, !reader.isRefused {
            var next = ByteBuffer(bytes: rest.prefix(piece))
            rest = rest.dropFirst(piece)
            reader.codec.receive(&next)
            while !reader.isClosed, !reader.isRefused, let event = reader.codec.next() { reader.take(event) }
            // As the connection would.
            if reader.isClosed { break }
        }
        if reader.isRefused { return (reader.requests, true, false) }
        let isWaiting = reader.isClosed || reader.isInBody || reader.codec.bufferedBytes > 0
        return (reader.requests, false, isWaiting)
    }

    private var codec = HTTP1Codec(Limits())
    private var isInBody = false
    private var isPersistent = true
    private var isClosed = false
    private var isRefused = false
    private var request = ReferenceDecoder.Request(method: "", target: "", body: [])
    private var requests: [ReferenceDecoder.Request] = []

    private mutating func take(_ event: HTTP1Codec.Event) {
        switch event {
        case .head(let head): take(head)
        case .body(let body):
            isInBody = false
            request.body = Array(body.readableBytesView)
            requests.append(request)
            isClosed = !isPersistent
        case .malformed, .endOfInput: isRefused = true
        }
    }

    private mutating func take(_ head: RequestHead) {
        let target = codec.withTarget { target in
            Result { () throws(Rejection) in
                _ = try RequestTarget(target, for: head.method)
                return target.text
            }
        }
        guard case .success(let target) = target else {
            isRefused = true
            return
        }
        request = .init(method: codec.method, target: target, body: [])
        (isInBody, isPersistent) = (true, head.isPersistent)
        var output = ByteBuffer()
        codec.expectBody(of: head, isWanted: true, &output)
    }
}

extension HTTP1Codec {
    /// The method of the head that has just been given, as it came. ``HTTPMethod`` has no name for an unknown one.
    fileprivate var method: String {
        withHead { head in
            String(decoding: head.drop { $0 < 0x20 }.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        }
    }
}
