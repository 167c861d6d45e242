import Glibc
import MartletKernel
import NIOCore

/// A response whose content comes in chunks, from the head to its end:
///
/// ```
/// head ─▶ wait for the client ─▶ next chunk ─▶ write its pieces, each after the client has taken the one before
///           │      ▲                 │ │                 │
///           │      └─────────────────┼─┼─────────────────┘
///           │ an endless one         │ └ throws ─▶ the connection ends without the last chunk, and the log has the error
///           │ is to end              └ nil
///           └────────────────────────┴─▶ last chunk ─▶ next request, or the connection ends
/// ```
///
/// A channel that is closed cancels the task, and ends each wait for the client. The connection holds one chunk, which is
/// counted in the server's budget, and up to 64 KiB of it again in the channel.
extension HTTPConnection {
    /// With the line before it and the one after it, a piece fits into 64 KiB.
    static let chunkPieceSize = (64 << 10) - 16

    func send(_ chunks: ResponseChunks, of answer: Answer) {
        let closes = mustClose(after: answer)
        append(head(of: answer, length: .unknown, closes: closes), UnsafeRawBufferPointer(start: nil, count: 0))
        state = .serving
        isSendingChunks = true
        areChunksEndless = chunks.areEndless
        let reservation = requestReservation
        let task = Task.immediate(executorPreference: loop.executor) {
            var (answer, bytes, read) = (answer, 0, 0)
            do {
                let next = chunks.makeIterator()
                while await self.untilTaken(), !self.mustEndChunks, let chunk = try await next() {
                    // The producer holds what it has read last, and no longer what it read before.
                    if reservation.bytes > read { read = reservation.bytes - read }
                    reservation.force(to: read)
                    try self.hold(chunk)
                    for start in stride(from: 0, to: chunk.count, by: Self.chunkPieceSize) {
                        if start > 0 { guard await self.untilTaken() else { break } }
                        let piece = chunk[start..<min(start + Self.chunkPieceSize, chunk.count)]
                        bytes += piece.count
                        self.turn { self.append(piece) }
                    }
                    if self.heldChunkBytes > 0 { self.turn { self.heldChunkBytes = 0 } }
                }
            } catch {
                if !self.mustEndChunks { answer.cause = "the response's content failed: \(error)" }
            }
            reservation.force(to: 0)
            self.turn { self.endChunks(of: answer, bytes: bytes, closes: closes) }
        }
        if isSendingChunks { work = task }
    }

    /// Ends a content that would go on for ever, when the server stops or the client sends nothing more. Its producer may be
    /// waiting.
    func endEndlessChunks() {
        if isSendingChunks, mustEndChunks { work?.cancel() }
    }

    /// Lets the task go on that waits for the client.
    func resumeChunks() {
        chunkWaiter?.resume()
        chunkWaiter = nil
    }

    /// Makes the client see a reset instead of an end. In HTTP/1.0 it would take a part for the whole.
    func resetIfIncomplete() {
        guard isSendingChunks, !codec.takesChunks else { return }
        _ = (context?.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }

    /// The server stops, or the client has sent its last byte. Until something is written, a client that has gone looks the same as
    /// one that still reads, and a producer may have nothing to write for hours.
    private var mustEndChunks: Bool { areChunksEndless && (isDraining || codec.isInputClosed) }

    /// Returns once the client has taken what was written, and the event loop's other connections had their turn.
    /// - Returns: false when the channel is closed.
    private func untilTaken() async -> Bool {
        await pause()
        while context != nil, !takesOutput {
            await withCheckedContinuation { chunkWaiter = $0 }
        }
        return context != nil
    }

    /// Lets the event loop's other tasks run, and now and then has it look at its sockets, which it does when no task is left: a
    /// producer that never waits would keep all other connections waiting. So a response gets up to 64 MB a second.
    private func pause() async {
        piecesSincePoll += 1
        guard piecesSincePoll >= 64 || timer.written - writtenAtPoll >= Self.chunkPieceSize else {
            return await Task.yield()
        }
        (piecesSincePoll, writtenAtPoll) = (0, timer.written)
        await withCheckedContinuation { waiter in
            _ = eventLoop.scheduleTask(in: .milliseconds(1)) { waiter.resume() }
        }
    }

    /// Counts a chunk until it is written.
    private func hold(_ chunk: [UInt8]) throws {
        guard chunk.count > Self.uncounted else { return }
        guard server.budget.hasRoom(for: chunk.count) else { throw ChunkTooLarge(bytes: chunk.count) }
        heldChunkBytes = chunk.count
    }

    private func append(_ piece: ArraySlice<UInt8>) {
        codec.write(content: ByteBuffer(bytes: piece), to: &output)
        flush()
    }

    private func endChunks(of answer: Answer, bytes: Int, closes: Bool) {
        heldChunkBytes = 0
        let isIncomplete = answer.cause != nil
        if isIncomplete, !codec.takesChunks, context != nil {
            server.log.record(exchange, answer, bytes: bytes)
            (state, work) = (.closing, nil)
            return cut()
        }
        isSendingChunks = false
        // Without the last chunk, a client knows that something is missing.
        if !isIncomplete { codec.writeEnd(to: &output) }
        // Input may have been dropped since the head was written.
        finish(answer, bytes: bytes, closes: closes || isIncomplete || mustClose(after: answer))
    }
}

private struct ChunkTooLarge: Error, CustomStringConvertible {
    let bytes: Int

    var description: String {
        "no room for a chunk of \(bytes) bytes; transport.http.maxBufferedBytes bounds what is held"
    }
}
