import NIOCore

/// Accepts no more connections than the server may have: further ones wait in the system's backlog until others close.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = any Channel

    private let maxConnections: Int
    private var open = 0
    private var isReadHeld = false

    init(maxConnections: Int) {
        self.maxConnections = maxConnections
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
    }

    private func release(_ context: ChannelHandlerContext) {
        open -= 1
        guard isReadHeld else { return }
        isReadHeld = false
        context.read()
    }
}
