import NIOCore
import NIOEmbedded
import NIOHTTP1

/// Requests as NIOHTTP1's decoder, which is llhttp, reads them.
enum ReferenceDecoder {
    struct Result {
        var requests: [RequestReader.Request] = []
        var isRefused = false
    }

    static func read(_ bytes: [UInt8]) -> Result {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var result = Result()
        do {
            try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
            try channel.writeInbound(ByteBuffer(bytes: bytes))
        } catch {
            result.isRefused = true
        }
        var current: RequestReader.Request?
        while let part = try? channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): current = .init(method: head.method.rawValue, target: head.uri, body: [])
            case .body(let bytes): current?.body += Array(bytes.readableBytesView)
            case .end:
                if let current { result.requests.append(current) }
                current = nil
            }
        }
        return result
    }
}
