import MartletKernel

/// A few connections that are lent, each to one at a time, and opened when they are needed.
final class ExclusiveConnections: TurnTaker {
    private struct Waiter {
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Result<Connection?, PostgresError>, Never>
    }

    private let connector: Connector
    private let bound: Int
    /// A server that says nothing for longer is not waited for.
    private let patience: Duration
    private var idle: [Connection] = []
    private var lent: [Connection] = []
    /// That are being opened.
    private var opening = 0
    private var waiters = Fifo<Waiter>()
    private var isClosed = false

    init(_ connector: Connector, bound: Int, patience: Duration) {
        self.connector = connector
        self.bound = bound
        self.patience = patience
    }

    /// - Throws: an error that is a loss when there is none to be had.
    func take(until deadline: ContinuousClock.Instant) async throws(PostgresError) -> Connection {
        while true {
            guard !isClosed else { throw .lost("the database is closed") }
            if let connection = idle.popLast() {
                guard !connection.isLost else { continue }
                lent.append(connection)
                return connection
            }
            if lent.count + opening < bound {
                opening += 1
                defer { opening -= 1 }
                do throws(PostgresError) {
                    let connection = try await connector.open(for: .others)
                    lent.append(connection)
                    return connection
                } catch {
                    // Who waits for one hears of it too.
                    waiters.popFirst()?.continuation.resume(returning: .success(nil))
                    throw error
                }
            }
            let result = await withCheckedContinuation { continuation in
                waiters.append(Waiter(deadline: deadline, continuation: continuation))
            }
            if let connection = try result.get() { return connection }
        }
    }

    func giveBack(_ connection: Connection) {
        if connection.isLost || isClosed || connection.isExpecting {
            lent.removeAll { $0 === connection }
            connection.lose(.lost("closed"))
            waiters.popFirst()?.continuation.resume(returning: .success(nil))
        } else if let waiter = waiters.popFirst() {
            waiter.continuation.resume(returning: .success(connection))
        } else {
            lent.removeAll { $0 === connection }
            idle.append(connection)
        }
    }

    /// Closes what nobody has, and the others when they are given back.
    func close() {
        isClosed = true
        for connection in idle { connection.lose(.lost("closed")) }
        idle = []
    }

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        for connection in lent where connection.isExpecting && now - connection.lastProgress > patience {
            connection.lose(.lost("the server doesn't answer"))
        }
        while let waiter = waiters.first, waiter.deadline <= now {
            waiters.removeFirst()
            waiter.continuation.resume(returning: .failure(.lost("no connection was free in time")))
        }
        return lent.isEmpty ? nil : now + .milliseconds(100)
    }

    var hasWork: Bool { false }
}
