import MartletKernel

/// Commits something while no standby confirms commits, to learn when one does: a server that isn't ready gets no writes that
/// would tell.
final class StandbyProbe: TurnTaker {
    private static let pause = Duration.seconds(1)

    private let commands: Commands
    private let connections: ExclusiveConnections
    private let thread: EventThread
    private let availability: Availability
    private let timeout: Duration
    private var isRunning = false
    private var next = ContinuousClock.now

    init(
        _ commands: Commands, _ connections: ExclusiveConnections, _ thread: EventThread, _ availability: Availability,
        within timeout: Duration
    ) {
        (self.commands, self.connections, self.thread) = (commands, connections, thread)
        (self.availability, self.timeout) = (availability, timeout)
    }

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard availability.lacksStandby, !isRunning else { return nil }
        guard now >= next else { return next }
        isRunning = true
        let confined = Confined(self, to: thread)
        Task(executorPreference: thread) { await confined.withValue { await $0.run() } }
        return nil
    }

    var hasWork: Bool { false }

    private func run() async {
        defer { (isRunning, next) = (false, .now + Self.pause) }
        guard let connection = try? await connections.take(until: .now + timeout) else { return }
        defer { connections.giveBack(connection) }
        let exchange = Exchange(on: connection)
        exchange.add(commands.emitMessage)
        if case .done? = await exchange.results().first { availability.committed() }
    }
}
