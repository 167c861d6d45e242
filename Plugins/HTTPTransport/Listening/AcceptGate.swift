import Logging
import NIOCore

/// Accepts no more connections than the server may have, and pauses when the system has no descriptor left for one.
/// Connections that are not accepted wait in the system's backlog. The last place is kept free: when it is taken, one of
/// the connections that ask nothing is closed. So a question about the server's health is heard, however many are silent.
///
/// NIO's `AcceptBackoffHandler` only holds reads back. After an accept that failed the channel still has one pending, so it
/// stays registered, and its loop spins on the connection that it can't accept. Taking automatic reading away unregisters it.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = any Channel

    /// How long accepting pauses, unless a connection closes before.
    private static let pause = TimeAmount.seconds(1)

    /// Until it looks again whether a place is free: a connection may not be known yet, or be at work.
    private static let retry = TimeAmount.milliseconds(200)

    private let maxConnections: Int
    private let connections: Connections
    private let logger: Logger
    private var open = 0
    private var isReadHeld = false
    private var resuming: Scheduled<Void>?
    private var makingRoom: Scheduled<Void>?

    init(maxConnections: Int, _ connections: Connections, _ logger: Logger) {
        self.maxConnections = maxConnections
        self.connections = connections
        self.logger = logger
    }

    func read(context: ChannelHandlerContext) {
        if open < maxConnections {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        open += 1
        let gate = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        unwrapInboundIn(data).closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (gate, context) = gate.value
            gate.release(context)
        }
        context.fireChannelRead(data)
        makeRoom(context)
    }

    private func makeRoom(_ context: ChannelHandlerContext) {
        guard open >= maxConnections, makingRoom == nil, context.channel.isActive else { return }
        connections.makeRoom()
        let gate = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        makingRoom = context.eventLoop.scheduleTask(in: Self.retry) {
            let (gate, context) = gate.value
            gate.makingRoom = nil
            gate.makeRoom(context)
        }
    }

    private func release(_ context: ChannelHandlerContext) {
        open -= 1
        makingRoom?.cancel()
        makingRoom = nil
        resume(context)
        guard isReadHeld else { return }
        isReadHeld = false
        context.read()
    }
}

// MARK: - Descriptors

extension AcceptGate {
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.warning("accepting pauses", metadata: ["error": "\(error)", "connections": "\(open)"])
        guard resuming == nil else { return }
        setReading(false, context)
        let gate = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        resuming = context.eventLoop.scheduleTask(in: Self.pause) {
            let (gate, context) = gate.value
            gate.resume(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        resuming?.cancel()
        resuming = nil
        makingRoom?.cancel()
        makingRoom = nil
        context.fireChannelInactive()
    }

    private func resume(_ context: ChannelHandlerContext) {
        guard let resuming else { return }
        resuming.cancel()
        self.resuming = nil
        setReading(true, context)
    }

    private func setReading(_ isReading: Bool, _ context: ChannelHandlerContext) {
        // It can only fail on a closed channel, which reads nothing anyway.
        try? context.channel.syncOptions?.setOption(.autoRead, value: isReading)
    }
}
