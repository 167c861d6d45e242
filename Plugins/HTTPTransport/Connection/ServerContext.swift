import MartletKernel
import NIOCore

/// What all connections of a server share.
final class ServerContext: Sendable {
    let application: Application
    let router: Router
    let limits: Limits
    let timeouts: Timeouts
    let clock: WallClock
    let log: AccessLog
    let connections = Connections()

    init(
        application: Application, router: Router, limits: Limits, timeouts: Timeouts, clock: WallClock, log: AccessLog
    ) {
        self.application = application
        self.router = router
        self.limits = limits
        self.timeouts = timeouts
        self.clock = clock
        self.log = log
    }
}
