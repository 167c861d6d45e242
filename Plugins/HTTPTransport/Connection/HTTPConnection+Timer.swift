import MartletModel
import NIOCore

/// No client may hold a connection by being slow.
extension HTTPConnection {
    func updateTimer() {
        guard context != nil else { return }
        timer.begin(wait, timeouts, buffered: bufferedBytes)
        arm()
    }

    private var timeouts: Timeouts { isOrdinary ? server.timeouts : server.timeouts.ofReservedConnection }

    private func arm() {
        timer.arm(on: eventLoop) { self.timerFired() }
    }

    private var wait: ConnectionTimer.Wait {
        switch state {
        case .closing: timer.isLingering ? .lingering : .output
        case _ where !isWritable: .output
        case .serving where isSendingChunks && awaitsOutput: .output
        case .serving: .application
        case .body: .body
        case .head where awaitsOutput: .output
        case .head: codec.isBetweenRequests && isOrdinary ? .idle : .head
        }
    }

    private func timerFired() {
        eventLoop.assertInEventLoop()
        guard context != nil else { return }
        guard timer.fired() else { return arm() }
        switch timer.wait {
        case .application: break
        case .lingering: cut()
        case .head: turn { refuse(head: .tooSlow("The request's head took too long.")) }
        case .body: turn { refuse(closing: .tooSlow("The request's body took too long.")) }
        case .idle, .output:
            // An answer of which the client takes some, however slowly, is no standstill.
            guard timer.hasMoved(buffered: bufferedBytes) else { return cut() }
            timer.extend(timeouts)
            arm()
        }
    }

    private var bufferedBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}

extension Rejection {
    fileprivate static func tooSlow(_ detail: String) -> Rejection {
        Rejection(Problem(.requestTimeout, detail), closes: true)
    }
}
