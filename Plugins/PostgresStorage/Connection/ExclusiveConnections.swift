import DequeModule
import MartletKernel

/// A few connections that are lent, each to one at a time, and opened when they are needed.
final class ExclusiveConnections: TurnTaker {
    private struct Loan {
        let connection: Connection
        let deadline: ContinuousClock.Instant
        /// Who waits for what is done on it, if that is to be given up with them.
        let client: Abandonment?
    }

    /// The connection doesn't go through the continuation, whose value could go to any thread.
    private final class Waiter {
        let deadline: ContinuousClock.Instant
        let client: Abandonment?
        private var result = Result<Connection, PostgresError>.failure(.lost("the database is closed"))
        private var continuation: CheckedContinuation<Void, Never>?

        init(until deadline: ContinuousClock.Instant, for client: Abandonment?) {
            (self.deadline, self.client) = (deadline, client)
        }

        func wait() async throws(PostgresError) -> Connection {
            await withCheckedContinuation { continuation = $0 }
            return try result.get()
        }

        func resume(_ result: Result<Connection, PostgresError>) {
            self.result = result
            continuation?.resume()
            continuation = nil
        }
    }

    /// After its deadline an answer may still come, for that long: the server's own limit is the deadline.
    static let grace = Duration.milliseconds(250)
    /// Between attempts to open a connection, when the server has none left.
    private static let openingPause = Duration.milliseconds(500)

    private let connector: Connector
    private let thread: EventThread
    private let availability: Availability
    private let purpose: Purpose
    private let bound: Int
    private var idle: [Connection] = []
    private var lent: [Loan] = []
    /// That are being opened.
    private var opening = 0
    /// Not before then is one opened.
    private var nextOpening = ContinuousClock.now
    /// The last attempt to open one has failed.
    private var isStarved = false
    private var waiters = Deque<Waiter>()
    private var isClosed = false

    init(
        _ connector: Connector, _ thread: EventThread, _ availability: Availability, for purpose: Purpose = .others,
        bound: Int
    ) {
        self.connector = connector
        self.thread = thread
        self.availability = availability
        self.purpose = purpose
        self.bound = bound
    }

    /// - Parameters:
    ///   - deadline: of the wait, and of all that is done on the connection: then it is given up.
    ///   - client: when they have gone, the connection is closed over what is still done on it.
    /// - Throws: an error that is a loss when there is none to be had.
    func take(
        until deadline: ContinuousClock.Instant, for client: Abandonment? = nil
    ) async throws(PostgresError) -> Connection {
        guard !isClosed else { throw .lost("the database is closed") }
        while let connection = idle.popLast() {
            guard !connection.isLost else { continue }
            lent.append(Loan(connection: connection, deadline: deadline, client: client))
            return connection
        }
        let waiter = Waiter(until: deadline, for: client)
        waiters.append(waiter)
        return try await waiter.wait()
    }

    func giveBack(_ connection: Connection) {
        lent.removeAll { $0.connection === connection }
        if connection.isLost || isClosed || connection.isExpecting {
            connection.lose(.lost("closed"))
        } else {
            lend(connection)
        }
    }

    /// To who has waited longest.
    private func lend(_ connection: Connection) {
        guard let waiter = waiters.popFirst() else { return idle.append(connection) }
        lent.append(Loan(connection: connection, deadline: waiter.deadline, client: waiter.client))
        waiter.resume(.success(connection))
    }

    /// Closes those that nobody uses and whose large buffers are no longer needed.
    func releaseBuffers(_ now: ContinuousClock.Instant) {
        for connection in idle where connection.hasUnusedBuffers(now) { connection.releaseBuffers() }
        idle.removeAll(where: \.isLost)
    }

    func close() {
        isClosed = true
        for connection in idle + lent.map(\.connection) { connection.lose(.lost("closed")) }
        idle = []
        failWaiters(.lost("the database is closed"))
    }

    private func failWaiters(_ error: PostgresError) {
        while let waiter = waiters.popFirst() { waiter.resume(.failure(error)) }
    }

    // MARK: - Turns

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        for loan in lent where loan.connection.isExpecting {
            if loan.deadline + Self.grace <= now {
                loan.connection.lose(.timedOut(waitingFor: "PostgreSQL's answer"))
            } else if loan.client?.isAbandoned == true {
                loan.connection.lose(.lost("nobody waits for it"))
            }
        }
        waiters.removeAll { waiter in
            guard waiter.deadline <= now || waiter.client?.isAbandoned == true else { return false }
            waiter.resume(.failure(.timedOut(waitingFor: wait)))
            return true
        }
        openMissing(now)
        return lent.isEmpty && waiters.isEmpty && !isStarved ? nil : now + .milliseconds(50)
    }

    private var wait: String { isBusy ? "a free connection" : "a connection to PostgreSQL" }

    /// All connections that can be had are lent.
    var isBusy: Bool { !lent.isEmpty && !isStarved }

    private func openMissing(_ now: ContinuousClock.Instant) {
        // One without a waiter, to see whether it can be had again.
        let wanted = isStarved ? 1 : waiters.count
        while opening < wanted, idle.count + lent.count + opening < bound, now >= nextOpening, !isClosed {
            opening += 1
            let confined = Confined(self, to: thread)
            Task(executorPreference: thread) { await confined.withValue { await $0.open() } }
        }
    }

    private func open() async {
        defer { opening -= 1 }
        do throws(PostgresError) {
            let connection = try await connector.open(for: purpose)
            guard !isClosed else { return connection.lose(.lost("closed")) }
            isStarved = false
            availability.openedFurther(purpose)
            lend(connection)
        } catch {
            nextOpening = .now + Self.openingPause
            if availability.isServing {
                // The server is there, and has no more connections perhaps: there may be one in time.
                isStarved = true
                availability.openingFurtherFailed(purpose, error)
            } else {
                failWaiters(error)
            }
        }
    }

    var hasWork: Bool { false }
}
