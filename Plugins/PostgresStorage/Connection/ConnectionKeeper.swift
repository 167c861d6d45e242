/// Sees that a connection is there: opens one in place of one that is lost, in pauses that grow to a second. They are
/// random to a part, so that servers which lost theirs together don't come back together.
final class ConnectionKeeper {
    private static let firstPause = 0.02
    private static let longestPause = 1.0

    private let connector: Connector
    private let thread: EventThread
    private let purpose: Purpose
    private let user: any ConnectionUser
    private var connection: Connection?
    /// What comes after the connection, which is retired by then.
    private var replacement: Connection?
    private var isReplacing = false
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
                let connection = try await next()
                let begin = ContinuousClock.now
                await use(connection)
                // One that is lost at once is as bad as none.
                if .now - begin > .seconds(1) { pause = Self.firstPause }
            } catch {
                guard !isClosing else { return }
                user.connectingFailed(error)
            }
            guard !isClosing else { return }
            if replacement != nil { continue }
            await thread.sleep(until: .now + .seconds(pause * Double.random(in: 0.5...1)))
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func next() async throws(PostgresError) -> Connection {
        defer { replacement = nil }
        if let replacement, !replacement.isLost { return replacement }
        return try await connector.open(for: purpose)
    }

    func close() {
        isClosing = true
        for connection in [connection, replacement] { connection?.lose(.lost("closed")) }
    }

    /// Opens another connection before one whose large buffers are no longer needed is closed: so there always is one.
    /// - Returns: whether it does.
    func releaseBuffers(_ now: ContinuousClock.Instant) -> Bool {
        guard let old = connection, !old.isRetired, !isReplacing, old.hasUnusedBuffers(now) else { return false }
        isReplacing = true
        let confined = Confined((self, old), to: thread)
        Task(executorPreference: thread) { await confined.withValue { await $0.replace($1) } }
        return true
    }

    private func replace(_ old: Connection) async {
        defer { isReplacing = false }
        // PostgreSQL may have none left: it is asked again later.
        guard let new = try? await connector.open(for: purpose) else { return }
        guard connection === old, !isClosing else { return new.lose(.lost("closed")) }
        replacement = new
        old.isRetired = true
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

/// Whom connections are kept for. It closes one that is retired once nothing is under way on it.
protocol ConnectionUser: AnyObject {
    func opened(_ connection: Connection)
    func lost(_ connection: Connection, _ error: PostgresError)
    func connectingFailed(_ error: PostgresError)
}
