import Logging
import MartletKernel
import MartletModel

/// Drops idempotency entries that are too old, some at a time.
final class Purge: TurnTaker {
    private static let step: Int64 = 256

    private let commands: Commands
    private let connections: ExclusiveConnections
    private let thread: EventThread
    private let writes: WriteQueue
    private let pause: Duration
    private let timeout: Duration
    private var next: ContinuousClock.Instant

    init(
        _ commands: Commands, _ connections: ExclusiveConnections, _ thread: EventThread, _ writes: WriteQueue,
        every pause: Duration, within timeout: Duration
    ) {
        self.commands = commands
        self.connections = connections
        self.thread = thread
        self.writes = writes
        self.pause = pause
        self.timeout = timeout
        next = .now + pause
    }

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        if now >= next {
            next = now + pause
            let confined = Confined(self, to: thread)
            Task(executorPreference: thread) { await confined.withValue { await $0.run() } }
        }
        return next
    }

    var hasWork: Bool { false }

    /// What can't be done now is done another time.
    private func run() async {
        guard let connection = try? await connections.take(until: .now + timeout) else { return }
        defer { connections.giveBack(connection) }
        var parameters = Parameters()
        let bounds = writes.transactionClock.purgeBounds
        parameters.append(bounds.oldest)
        parameters.append(bounds.latest)
        parameters.append(Self.step)
        while true {
            let exchange = Exchange(on: connection)
            exchange.add(commands.purge, parameters, returning: Commands.purgeTags)
            guard let rows = await exchange.results().first?.rows, !rows.isEmpty, rows[0, 0].integer == Self.step
            else { return }
        }
    }
}
