import NIOCore
import NIOEmbedded
import NIOHTTP1

/// Requests as NIOHTTP1's decoder, which is llhttp, reads them: what our own reader is compared with.
struct ReferenceDecoder {
    struct Request: Equatable {
        var method: String
        var target: String
        var body: [UInt8]
    }

    /// The requests that are whole, and whether the rest was refused.
    static func read(_ bytes: [UInt8]) -> (requests: [Request], isRefused: Bool) {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var isRefused = false
        do {
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
            try channel.writeInbound(ByteBuffer(bytes: bytes))
        } catch {
            isRefused = true
        }
        var (requests, current) = ([Request](), Request?.none)
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): current = Request(method: head.method.rawValue, target: head.uri, body: [])
            case .body(let bytes): current?.body += Array(bytes.readableBytesView)
            case .end:
                if let current { requests.append(current) }
                current = nil
            }
        }
        return (requests, isRefused)
    }
}
