import NIOCore

/// How long a connection may take.
struct Timeouts: Sendable {
    /// From a head's first byte to its last.
    var header = TimeAmount.seconds(10)
    /// From the head to the body's last byte.
    var body = TimeAmount.seconds(30)
    /// Without the client taking any of an answer.
    var write = TimeAmount.seconds(30)
    /// Between two requests.
    var idle = TimeAmount.seconds(75)
    /// How long input is discarded after a last answer. Closing at once would make the client's system drop that
    /// answer, unread, when more input arrives (RFC 9112, section 9.6).
    var linger = TimeAmount.seconds(2)

    /// Of one of the few connections that are kept for health: who says nothing on it makes room for the next one.
    var ofReservedConnection: Timeouts {
        var timeouts = self
        timeouts.header = min(header, .seconds(1))
        timeouts.body = min(body, .seconds(1))
        timeouts.write = min(write, .seconds(1))
        return timeouts
    }
}
