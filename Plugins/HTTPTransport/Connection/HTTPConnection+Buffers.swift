import MartletKernel
import MartletModel
import NIOCore

/// What a connection keeps in memory beyond a turn is counted in the server's budget: requests that have come in part or too
/// early, and responses that their client hasn't taken.
extension HTTPConnection {
    /// Bytes that a connection may keep without being counted. So an ordinary request costs no counting, and one for the
    /// server's health is answered whatever others hold.
    static let uncounted = 2 << 10
    /// The memory of a longer response is freed piece by piece, as the client takes it.
    private static let pieceSize = LargeResponse.pieceSize

    // MARK: - Responses

    var hasOutput: Bool { output.readableBytes > 0 || !pieces.isEmpty }

    /// Adds a response to those that are to be handed to the channel.
    func append(_ head: ResponseHead, _ content: UnsafeRawBufferPointer) {
        if output.capacity == 0 { output = loop.takeBuffer() }
        write(head, room: min(content.count, Self.pieceSize), to: &output)
        var rest = content.slice(from: 0)
        while rest.count > Self.pieceSize {
            output.writeBytes(rest.slice(0..<Self.pieceSize))
            rest = rest.slice(from: Self.pieceSize)
            pieces.append(output)
            output = ByteBuffer()
            output.reserveCapacity(min(rest.count, Self.pieceSize))
        }
        output.writeBytes(rest)
    }

    /// Adds a response whose content is in pieces already.
    func append(_ head: ResponseHead, _ content: [ByteBuffer]) {
        flush()
        var start = ByteBuffer()
        write(head, to: &start)
        pieces = [start] + content
    }

    private func write(_ head: ResponseHead, room: Int = 0, to buffer: inout ByteBuffer) {
        codec.write(
            head, date: loop.date.line(now: server.clock.now()), variesByOrigin: server.crossOrigin != nil, room: room,
            to: &buffer)
    }

    /// Hands the responses made so far to the channel. They are the connection's no more when it is called: what it calls back
    /// finds none.
    func flush() {
        guard hasOutput else { return }
        let (first, last) = (pieces, output)
        (pieces, output) = ([], ByteBuffer())
        for piece in first {
            timer.written += piece.readableBytes
            context?.write(wrapOutboundOut(piece), promise: nil)
        }
        timer.written += last.readableBytes
        context?.writeAndFlush(wrapOutboundOut(last), promise: nil)
        let (capacity, bytes) = (last.capacity, last.readableBytes)
        guard !loop.recycle(consume last) || !first.isEmpty else { return }
        mayHaveUntaken = true
        untakenSlack += capacity - bytes
    }

    // MARK: - Counting

    /// Counts what the connection keeps. What has come and finds no room in the budget is refused before more of it is read.
    /// - Returns: Whether it was refused: then there is more to do.
    func settle() -> Bool {
        codec.compactInput()
        let responses = waitingResponseBytes()
        let bytes = codec.storedBytes + responses + parsedBytes + heldChunkBytes
        guard bytes > Self.uncounted || countsBytes else { return false }
        countsBytes = bytes > Self.uncounted
        guard countsBytes else {
            account.force(to: 0)
            return false
        }
        if account.resize(to: bytes) { return false }
        guard codec.storedBytes > Self.uncounted, refuseInput() else {
            // What is written can't be refused, and was counted when it was made.
            account.force(to: bytes)
            return false
        }
        return true
    }

    /// What was made of the head, while the request is at work or waits for its body.
    private var parsedBytes: Int {
        switch state {
        case .body, .serving: exchange.parsedBytes
        case .head, .closing: 0
        }
    }

    private func refuseInput() -> Bool {
        switch state {
        case .head: refuse(head: .overloaded)
        case .body: refuse(closing: .overloaded)
        case .serving:
            // The request that is being served becomes the connection's last.
            dropsInput = true
            codec.discardInput()
        case .closing: return false
        }
        return true
    }

    /// Bytes that the client has not taken. When there are any, the connection has another turn once they are gone.
    private func waitingResponseBytes() -> Int {
        guard let context, mayHaveUntaken else { return 0 }
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard waiting > 0 else {
            (mayHaveUntaken, untakenSlack) = (false, 0)
            return 0
        }
        if !awaitsOutput {
            awaitsOutput = true
            let written = eventLoop.makePromise(of: Void.self)
            written.futureResult.whenComplete { _ in
                self.awaitsOutput = false
                self.turn()
            }
            // An empty write is done when all before it are.
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        }
        return waiting + untakenSlack
    }

    /// The channel is closed: it keeps nothing.
    func releaseBuffers() {
        codec.discardInput()
        (output, pieces) = (ByteBuffer(), [])
        if countsBytes { account.force(to: 0) }
        countsBytes = false
    }
}
