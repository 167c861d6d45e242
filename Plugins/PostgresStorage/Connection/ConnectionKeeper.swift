/// Sees that a connection is there: opens one in place of one that is lost, in pauses that grow to a second. They are
/// random to a part, so that servers which lost theirs together don't come back together.
///
/// `@unchecked Sendable`: it is used on the ``EventThread`` alone.
final class ConnectionKeeper: @unchecked Sendable {
    private static let firstPause = 0.02
    private static let longestPause = 1.0

    private let connector: Connector
    private let thread: EventThread
    private let purpose: Purpose
    private let user: any ConnectionUser
    private var connection: Connection?
    private var isClosing = false

    init(_ connector: Connector, _ thread: EventThread, _ purpose: Purpose, for user: any ConnectionUser) {
        self.connector = connector
        self.thread = thread
        self.purpose = purpose
        self.user = user
    }

    /// Until ``close()``.
    func run() async {
        var pause = Self.firstPause
        while !isClosing {
            do throws(PostgresError) {
                let connection = try await connector.open(for: purpose)
                let begin = ContinuousClock.now
                await use(connection)
                // One that is lost at once is as bad as none.
                if .now - begin > .seconds(1) { pause = Self.firstPause }
            } catch {
                guard !isClosing else { return }
                user.connectingFailed(error)
            }
            guard !isClosing else { return }
            await thread.sleep(until: .now + .seconds(pause * Double.random(in: 0.5...1)))
            pause = min(pause * 2, Self.longestPause)
        }
    }

    func close() {
        isClosing = true
        connection?.lose(.lost("closed"))
    }

    /// Until it is lost.
    private func use(_ connection: Connection) async {
        guard !isClosing else { return connection.lose(.lost("closed")) }
        self.connection = connection
        await withCheckedContinuation { continuation in
            connection.onLoss = { [user] error in
                user.lost(connection, error)
                continuation.resume()
            }
            user.opened(connection)
        }
        self.connection = nil
    }
}

/// Whom connections are kept for.
protocol ConnectionUser: AnyObject {
    func opened(_ connection: Connection)
    func lost(_ connection: Connection, _ error: PostgresError)
    func connectingFailed(_ error: PostgresError)
}
