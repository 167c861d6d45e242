import NIOCore

/// What a connection waits for, and until when. There is one scheduled task per connection, and it is not moved with
/// each request: when it comes too early, it is set again for what is left.
struct ConnectionTimer {
    enum Wait {
        /// The next request.
        case idle
        /// The rest of a head.
        case head
        /// The rest of a body.
        case body
        /// The application, whose own deadlines hold.
        case application
        /// The client, to take what has been written.
        case output
        /// The client, to close the connection that we have closed on our side.
        case lingering
    }

    /// Heads taken so far: they tell the wait for one request from the wait for the next.
    var requests = 0
    /// Bytes of answers handed to the channel so far.
    var written = 0
    private(set) var isLingering = false
    private(set) var wait = Wait.application
    private var waitingSince = 0
    private var deadline: NIODeadline?
    private var scheduled: (task: Scheduled<Void>, at: NIODeadline)?
    /// Bytes that the client had taken when that was last looked at.
    private var taken = 0

    mutating func startLingering() {
        isLingering = true
    }

    /// Begins a wait, unless it is the one that has begun already: more bytes of a head don't give it more time.
    /// - Parameter buffered: bytes that the channel has not got rid of.
    mutating func begin(_ wait: Wait, _ timeouts: Timeouts, buffered: @autoclosure () -> Int) {
        guard wait != self.wait || requests != waitingSince else { return }
        (self.wait, waitingSince) = (wait, requests)
        if wait == .output { taken = written - buffered() }
        extend(timeouts)
    }

    /// Begins the same wait again.
    mutating func extend(_ timeouts: Timeouts) {
        let time: TimeAmount? =
            switch wait {
            case .idle: timeouts.idle
            case .head: timeouts.header
            case .body: timeouts.body
            case .application: nil
            case .output: timeouts.write
            case .lingering: timeouts.linger
            }
        deadline = time.map { .now() + $0 }
    }

    /// - Parameter buffered: bytes that the channel has not got rid of.
    /// - Returns: Whether the client has taken any since this was last asked.
    mutating func hasMoved(buffered: Int) -> Bool {
        defer { taken = written - buffered }
        return buffered > 0 && written - buffered > taken
    }

    /// Sees to it that `fire` is called no later than the deadline.
    mutating func arm(on eventLoop: any EventLoop, _ fire: @escaping @Sendable () -> Void) {
        guard let deadline else { return }
        if let scheduled {
            guard deadline < scheduled.at else { return }
            scheduled.task.cancel()
        }
        scheduled = (eventLoop.scheduleTask(deadline: deadline, fire), deadline)
    }

    /// The scheduled task has come.
    /// - Returns: Whether the wait is over.
    mutating func fired() -> Bool {
        scheduled = nil
        guard let deadline else { return false }
        return NIODeadline.now() >= deadline
    }

    mutating func cancel() {
        scheduled?.task.cancel()
        scheduled = nil
        deadline = nil
    }
}
