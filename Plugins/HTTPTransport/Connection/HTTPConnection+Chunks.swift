import MartletKernel
import NIOCore

/// A response whose content comes piece by piece. Of it the connection holds the chunk that is on its way, and what the channel has
/// not sent yet: up to 64 KiB (NIO's high water mark) beside that chunk.
extension HTTPConnection {
    func send(_ chunks: ResponseChunks, of answer: Answer) {
        // Without chunks, in HTTP/1.0, the end of the connection is the end of the content.
        let closes = mustClose(after: answer) || !codec.takesChunks
        append(head(of: answer, length: .unknown, closes: closes), UnsafeRawBufferPointer(start: nil, count: 0))
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
                    self.turn { self.append(chunk) }
                }
            } catch  where !self.mustEndChunks {
                answer.cause = "the response's content failed: \(error)"
            } catch {}
            self.turn { self.endChunks(of: answer, bytes: bytes, closes: closes) }
        }
        if isSendingChunks { work = task }
    }

    private func append(_ chunk: [UInt8]) {
        codec.write(content: ByteBuffer(bytes: chunk), to: &output)
        flush()
    }

    private func endChunks(of answer: Answer, bytes: Int, closes: Bool) {
        isSendingChunks = false
        // Without the last chunk, a client knows that something is missing.
        if answer.cause == nil { codec.writeEnd(to: &output) } else { context?.close(promise: nil) }
        finish(answer, bytes: bytes, closes: closes || isDraining)
    }

    /// The server stops, and the content would go on for ever.
    private var mustEndChunks: Bool { isDraining && endsChunksOnDrain }

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
