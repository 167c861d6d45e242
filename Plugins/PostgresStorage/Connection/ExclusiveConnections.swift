import MartletKernel

/// A few connections that are lent, each to one at a time, and opened when they are needed.
final class ExclusiveConnections: TurnTaker {
    private struct Loan {
        let connection: Connection
        /// Who waits for what is done on it, if that is to be given up with them.
        let client: Abandonment?
    }

    private struct Waiter {
        let deadline: ContinuousClock.Instant
        let client: Abandonment?
        let continuation: CheckedContinuation<Result<Connection?, PostgresError>, Never>
    }

    private let connector: Connector
    private let purpose: Purpose
    private let bound: Int
    /// A server that says nothing for longer is not waited for.
    private let patience: Duration
    private var idle: [Connection] = []
    private var lent: [Loan] = []
    /// That are being opened.
    private var opening = 0
    private var waiters = Fifo<Waiter>()
    private var isClosed = false

    init(_ connector: Connector, for purpose: Purpose = .others, bound: Int, patience: Duration) {
        self.connector = connector
        self.purpose = purpose
        self.bound = bound
        self.patience = patience
    }

    /// - Parameter client: when they have gone, the connection is closed over what is still done on it.
    /// - Throws: an error that is a loss when there is none to be had.
    func take(
        until deadline: ContinuousClock.Instant, for client: Abandonment? = nil
    ) async throws(PostgresError) -> Connection {
        while true {
            guard !isClosed else { throw .lost("the database is closed") }
            if let connection = idle.popLast() {
                guard !connection.isLost else { continue }
                lent.append(Loan(connection: connection, client: client))
                return connection
            }
            if lent.count + opening < bound {
                opening += 1
                defer { opening -= 1 }
                do throws(PostgresError) {
                    let connection = try await connector.open(for: purpose)
                    lent.append(Loan(connection: connection, client: client))
                    return connection
                } catch {
                    // Who waits for one hears of it too.
                    waiters.popFirst()?.continuation.resume(returning: .success(nil))
                    throw error
                }
            }
            let result = await withCheckedContinuation { continuation in
                waiters.append(Waiter(deadline: deadline, client: client, continuation: continuation))
            }
            if let connection = try result.get() { return connection }
        }
    }

    func giveBack(_ connection: Connection) {
        lent.removeAll { $0.connection === connection }
        if connection.isLost || isClosed || connection.isExpecting {
            connection.lose(.lost("closed"))
            waiters.popFirst()?.continuation.resume(returning: .success(nil))
        } else if let waiter = waiters.popFirst() {
            lent.append(Loan(connection: connection, client: waiter.client))
            waiter.continuation.resume(returning: .success(connection))
        } else {
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
        for loan in lent where loan.connection.isExpecting {
            if now - loan.connection.lastProgress > patience {
                loan.connection.lose(.lost("the server doesn't answer"))
            } else if loan.client?.isAbandoned == true {
                loan.connection.lose(.lost("nobody waits for it"))
            }
        }
        while let waiter = waiters.first, waiter.deadline <= now || waiter.client?.isAbandoned == true {
            waiters.removeFirst()
            waiter.continuation.resume(returning: .failure(.lost("no connection was free in time")))
        }
        return lent.isEmpty ? nil : now + .milliseconds(100)
    }

    var hasWork: Bool { false }
}
