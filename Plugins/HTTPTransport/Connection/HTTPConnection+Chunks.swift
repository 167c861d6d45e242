import MartletKernel
import NIOCore

/// A response whose content comes piece by piece. Of it the connection holds the chunk that is on its way, and what the channel has
/// not sent yet: up to 64 KiB (NIO's high water mark) beside that chunk.
extension HTTPConnection {
    func send(_ chunks: ResponseChunks, of answer: Answer) {
        // HTTP/1.0 has no chunks: the end of the connection is the end of the content.
        let isChunked = exchange.minorVersion == 1
        let closes = mustClose(after: answer) || !isChunked
        makeHead(answer, length: nil, closes: closes)
        append(loop.head.bytes, UnsafeRawBufferPointer(start: nil, count: 0))
        state = .serving
        isSendingChunks = true
        endsChunksOnDrain = chunks.areEndless
        let task = Task.immediate(executorPreference: loop.executor) {
            var (answer, bytes) = (answer, 0)
            do {
                let next = chunks.makeIterator()
                while true {
                    // The turn that has begun this ends first, and other connections have theirs between two chunks.
                    await Task.yield()
                    await self.untilWritable()
                    guard self.context != nil, !self.mustEndChunks, let chunk = try await next() else { break }
                    bytes += chunk.count
                    self.turn { self.append(chunk, isChunked: isChunked) }
                }
                if isChunked { self.turn { self.append(Array("0\r\n\r\n".utf8), isChunked: false) } }
            } catch {
                if self.mustEndChunks {
                    self.turn { self.append(Array("0\r\n\r\n".utf8), isChunked: false) }
                } else {
                    answer.cause = "the response's content failed: \(error)"
                }
            }
            self.turn {
                self.isSendingChunks = false
                // Without the last chunk, a client knows that something is missing.
                if answer.cause != nil { self.context?.close(promise: nil) }
                self.finish(answer, bytes: bytes, closes: closes || self.isDraining)
            }
        }
        if isSendingChunks { work = task }
    }

    /// The server stops, and the content would go on for ever.
    private var mustEndChunks: Bool { isDraining && endsChunksOnDrain }

    private func append(_ chunk: [UInt8], isChunked: Bool) {
        // An empty chunk would be the last one.
        guard !chunk.isEmpty else { return }
        let size = isChunked ? Array("\(String(chunk.count, radix: 16))\r\n".utf8) : []
        chunk.withUnsafeBytes { append(size, $0) }
        if isChunked { append(Array("\r\n".utf8), UnsafeRawBufferPointer(start: nil, count: 0)) }
        flush()
    }

    /// Returns once the client has taken what was written, but for a little, or is gone.
    private func untilWritable() async {
        guard context != nil, !isWritable else { return }
        await withCheckedContinuation { chunkWaiter = $0 }
    }

    /// The channel has become writable, or is closed.
    func resumeChunks() {
        chunkWaiter?.resume()
        chunkWaiter = nil
    }

    /// Ends a content that would go on for ever: its producer may be waiting.
    func endChunksOnDrain() {
        guard isSendingChunks, mustEndChunks else { return }
        work?.cancel()
        resumeChunks()
    }
}
