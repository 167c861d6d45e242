import MartletKernel
import MartletModel
import NIOCore

/// One connection: has the requests that its codec reads served one after the other, and sends the responses.
///
/// ```
///     opened
///        │
///        ▼      head with a body
///      head ──────────────────────▶ body
///      │ ▲ │                        │  │
///      │ │ │ head without a body    │  │ body
///      │ │ └─────────▶ serving ◀────┼──┘
///      │ │   response   │   │       │
///      │ └──────────────┘   │       │
///      │                    │ last  │
///      │ refused, or over   │ one   │ refused, or over
///      ▼                    ▼       ▼
///      closing ◀────────────┴───────┘
///        │
///        ▼ all responses are sent, and the client has closed or had time to
///      closed
/// ```
///
/// Refused is what is malformed, too slow or too large; the input may be over, and so is an idle connection when the server
/// drains. A connection that the client closes while it is `serving` ends once the request is done.
///
/// It is the only handler of its channel. Requests behind the one that is being served wait as bytes in the codec, and
/// when they become many, or the client doesn't take its answers, the socket isn't read any more.
///
/// Unchecked, because everything is touched on the channel's event loop alone: the channel calls it there, the tasks that it
/// starts prefer that loop, and what other threads call only hands over to it. A debug build asserts it.
final class HTTPConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum State {
        /// Waits for a request's head, or for the rest of it.
        case head
        /// Waits for the rest of a request's body.
        case body
        /// The application works on the request.
        case serving
        /// The last answer is written; what still comes in is discarded.
        case closing
    }

    /// Bytes of requests behind the one that is being served, above which no more are read.
    private static let maxWaiting = 1 << 16

    let server: ServerContext
    let loop: LoopContext
    let eventLoop: any EventLoop
    var context: ChannelHandlerContext?

    var state = State.head
    var codec: HTTP1Codec
    var exchange: Exchange
    /// Responses that are not handed to the channel yet. Empty between two turns.
    var output = ByteBuffer()
    /// The pieces of long responses that come before ``output``.
    var pieces: [ByteBuffer] = []
    /// What the connection holds of the server's budget.
    let account: BufferReservation
    /// What the request that is being served holds of it.
    var requestReservation: BufferReservation
    /// It holds something.
    var countsBytes = false
    /// The channel may have responses that the client hasn't taken.
    var mayHaveUntaken = false
    /// Memory of their buffers beyond their bytes.
    var untakenSlack = 0
    /// The client hasn't taken all responses. The channel will tell when it has.
    var awaitsOutput = false
    /// What comes after the request that is being served finds no room, and is discarded.
    var dropsInput = false
    var timer = ConnectionTimer()
    /// What the request that is being served is worked on by.
    var work: Task<Void, Never>?
    /// A response's content comes piece by piece.
    var isSendingChunks = false
    /// It would go on for ever.
    var areChunksEndless = false
    /// Bytes of the chunk that is being written, if they are counted.
    var heldChunkBytes = 0
    /// Pieces, and what ``ConnectionTimer/written`` was, when the loop has looked at its sockets between two pieces.
    var piecesSincePoll = 0
    var writtenAtPoll = 0
    /// Waits for the client to take what was written of it.
    var chunkWaiter: CheckedContinuation<Void, Never>?

    private(set) var isDraining = false
    private(set) var isWritable = true
    /// False: the server has all the connections that it may have, and keeps this one for a question about its health.
    private(set) var isOrdinary = true
    private var isReadHeld = false
    private var isInTurn = false
    /// Something has happened during the turn.
    private var hasMoreToDo = false
    private var hasRegistered = false

    init(_ server: ServerContext, _ loop: LoopContext, on eventLoop: any EventLoop) {
        self.server = server
        self.loop = loop
        self.eventLoop = eventLoop
        account = BufferReservation(in: server.budget)
        requestReservation = BufferReservation(in: server.budget)
        codec = HTTP1Codec(server.limits, server.crossOrigin)
        exchange = Exchange(requestID: "", Rejection(Problem(.badRequest, "")))
    }

    /// One turn: does `body`, then takes requests until one has to be waited for, and hands all responses to the channel in one
    /// piece.
    ///
    /// Everything that happens to a connection is a turn, and turns don't nest. The channel calls back while it is called: a
    /// write changes whether it is writable, or fails and closes it. Such an event only leaves its mark, and the turn under way
    /// goes on with it once the call has returned.
    func turn(_ body: () -> Void = {}) {
        eventLoop.assertInEventLoop()
        guard !isInTurn else {
            body()
            hasMoreToDo = true
            return
        }
        isInTurn = true
        body()
        repeat {
            hasMoreToDo = false
            takeRequests()
        } while settle() || hasMoreToDo
        isInTurn = false
        updateTimer()
        if isSendingChunks, takesOutput { resumeChunks() }
    }

    private func takeRequests() {
        while step() {
            if output.readableBytes > Self.maxWaiting || !pieces.isEmpty { flush() }
        }
        codec.releaseEmptyInput()
        // The last answer is on its way otherwise: what follows it sees that there is no more input.
        if codec.isInputClosed, case .closing = state, timer.isLingering { cut() }
        flush()
        if isReadHeld, mayRead {
            isReadHeld = false
            context?.read()
        }
    }

    /// - Returns: Whether there is more to do.
    private func step() -> Bool {
        switch state {
        case .head:
            if codec.isBetweenRequests {
                guard !isDraining else {
                    close(lingering: false)
                    return false
                }
            } else if !takesOutput {
                return false
            }
            return takeNext()
        case .body: return takeNext()
        case .serving: return false
        case .closing:
            codec.discardInput()
            return false
        }
    }

    /// - Returns: Whether there may be more to do at once.
    private func takeNext() -> Bool {
        guard let event = codec.next() else { return false }
        take(event)
        return true
    }

    private var mayRead: Bool {
        switch state {
        case .closing: true
        case .serving: isWritable && codec.bufferedBytes < Self.maxWaiting
        case .body: isWritable
        case .head: takesOutput
        }
    }

    /// The client takes its responses. One that doesn't is answered nothing more: each response, however short, holds a buffer.
    var takesOutput: Bool { isWritable && !awaitsOutput }
}

// MARK: - The channel's events

extension HTTPConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        eventLoop.assertInEventLoop()
        self.context = context
        if context.channel.isActive { register() }
    }

    func channelActive(context: ChannelHandlerContext) {
        register()
    }

    private func register() {
        eventLoop.assertInEventLoop()
        guard !hasRegistered else { return }
        hasRegistered = true
        isOrdinary = server.connections.add(self)
        updateTimer()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        turn {
            if dropsInput {
                bytes.clear()
            } else {
                codec.receive(&bytes)
            }
        }
    }

    func read(context: ChannelHandlerContext) {
        eventLoop.assertInEventLoop()
        if mayRead {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        turn { isWritable = context.channel.isWritable }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return }
        turn { codec.closeInput() }
        endEndlessChunks()
    }

    /// A reset, say: the client has gone away.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        eventLoop.assertInEventLoop()
        self.context = nil
        timer.cancel()
        releaseBuffers()
        // A request that is being worked on is finished all the same, and the server waits for it. What of it has not begun
        // may be left out: nobody waits for its answer.
        if case .serving = state {
            work?.cancel()
            resumeChunks()
            return
        }
        state = .closing
        server.connections.remove(self)
    }
}

// MARK: - Closing

extension HTTPConnection {
    /// Lets the request that is being served finish, and closes what is idle. May be called from any thread.
    func drain() {
        onLoop { connection in
            guard connection.context != nil else { return }
            connection.turn { connection.isDraining = true }
            connection.endEndlessChunks()
        }
    }

    /// Closes unless a request is at work: another connection takes the place. May be called from any thread.
    func makeRoom() {
        // The loop looks at its sockets before: a request that has come already is answered.
        eventLoop.scheduleTask(in: .milliseconds(1)) {
            if case .serving = self.state { return }
            self.context?.close(promise: nil)
        }
    }

    /// Closes at once, whatever is under way. May be called from any thread.
    func cut() {
        onLoop { connection in
            connection.resetIfIncomplete()
            connection.context?.close(promise: nil)
        }
    }

    private func onLoop(_ body: @escaping @Sendable (HTTPConnection) -> Void) {
        if eventLoop.inEventLoop {
            body(self)
        } else {
            eventLoop.execute { body(self) }
        }
    }

    /// Ends the connection once all responses are written. Part of a turn, as every call that writes.
    ///
    /// - Parameter lingering: the client may still be sending. A socket that is closed with unread input resets the
    ///   connection, and the client's system then throws away the answer that it has not read yet. So only our side is
    ///   closed, and input is discarded until the client closes too, or for a bounded time.
    func close(lingering: Bool) {
        state = .closing
        codec.discardInput()
        if !isOrdinary { server.connections.setReplaceable(self, true) }
        flush()
        guard let context else { return }
        let written = eventLoop.makePromise(of: Void.self)
        if lingering, !codec.isInputClosed {
            context.close(mode: .output, promise: written)
        } else {
            // An empty write is done when all before it are.
            context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
        }
        written.futureResult.whenComplete { result in
            guard lingering, !self.codec.isInputClosed, case .success = result else { return self.cut() }
            self.turn { self.timer.startLingering() }
        }
    }
}
