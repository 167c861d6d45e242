import MartletKernel
import NIOCore

/// What all connections of a server share.
final class ServerContext: Sendable {
    let application: Application
    let routes: RouteTable
    let limits: Limits
    let timeouts: Timeouts
    /// Nil: pages of other origins are not let in.
    let crossOrigin: CrossOrigin?
    let clock: WallClock
    let log: AccessLog
    /// Counts what all connections hold.
    let budget: BufferBudget
    let connections = Connections()
    /// Encode large responses.
    let encoders = BlockingPool("http-json", threads: LargeResponse.threads, bound: 4096)

    init(
        application: Application, routes: RouteTable, limits: Limits, timeouts: Timeouts,
        crossOrigin: CrossOrigin? = nil,
        clock: WallClock, log: AccessLog, budget: BufferBudget
    ) {
        self.application = application
        self.routes = routes
        self.limits = limits
        self.timeouts = timeouts
        self.crossOrigin = crossOrigin
        self.clock = clock
        self.log = log
        self.budget = budget
    }
}
