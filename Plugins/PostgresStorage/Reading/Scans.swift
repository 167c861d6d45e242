import MartletKernel
import MartletModel
import MartletSQL

/// Lists and counts that no index bounds: on connections of their own, one at a time on each, and planned for their very
/// values.
final class Scans {
    private let connections: ExclusiveConnections
    private let commands: Commands
    private let log: ScanLog

    init(_ connections: ExclusiveConnections, _ commands: Commands, _ log: ScanLog) {
        (self.connections, self.commands, self.log) = (connections, commands, log)
    }

    func read(_ request: ReadRequest, _ list: ListRead) async -> Result<RowBatch, StorageError> {
        do throws(PostgresError) {
            let connection = try await connections.take(until: request.deadline, for: request.waiter)
            defer { connections.giveBack(connection) }
            guard !request.waiter.isAbandoned else { return .failure(.unavailable("nobody waits for it")) }
            let begin = ContinuousClock.now
            guard begin < request.deadline else { return .failure(.deadlineExceeded) }
            let scan = await scan(list, on: connection, until: request.deadline, request.tableName)
            let isLate = if case .failure(.deadlineExceeded) = scan.result { true } else { false }
            log.record(list.query, rows: Int(scan.rowsLookedAt), time: .now - begin, isLate: isLate)
            return scan.result
        } catch {
            // Other scans have taken all of its time.
            return .failure(error.isTimeout && connections.isBusy ? .deadlineExceeded : StorageError(error))
        }
    }

    /// In a transaction, which keeps the server's counters from being collected in between; and behind a savepoint, so that
    /// they can be read after an error as well.
    private func scan(
        _ list: ListRead, on connection: Connection, until deadline: ContinuousClock.Instant, _ table: String
    ) async -> (result: Result<RowBatch, StorageError>, rowsLookedAt: Int64) {
        let exchange = Exchange(on: connection)
        var (limit, name, values) = (Parameters(), Parameters(), Parameters())
        limit.append(String(SessionSettings.milliseconds(deadline - .now)))
        name.append(list.table.layout.relation)
        list.sql.append(to: &values)
        exchange.add(commands.begin)
        exchange.add(commands.limitTime, limit)
        exchange.add(commands.savepoint)
        exchange.add(commands.rowsLookedAt, name, returning: [.integer])
        exchange.addStreamed(
            list.sql.statement(id: Statement.unprepared, in: list.table.layout.namespace), values, returning: list.tags,
            RowLimit(list.query))
        exchange.endStretch()
        exchange.add(commands.rollbackToSavepoint)
        exchange.add(commands.rowsLookedAt, name, returning: [.integer])
        exchange.add(commands.commit)
        let results = await exchange.results()
        // Also of what stands around the scan: whatever was skipped, was skipped for that.
        let error = results.lazy.compactMap(\.error).first
        let failure = error.map { StorageError($0.naming(table), until: deadline) } ?? .internal("no answer")
        var result = Result<RowBatch, StorageError>.failure(failure)
        if results.count >= 5, let rows = results[4].rows { result = .success(rows) }
        // Its page was full, or had no room: the rest isn't read.
        guard results.count != 5 else { return (result, 0) }
        guard results.count == 8, case .done = results[7] else {
            connection.lose(.lost("its transaction could not be ended"))
            return (.failure(failure), 0)
        }
        return (result, results[6].count - results[3].count)
    }
}

extension StepResult {
    /// The one number that it returns.
    fileprivate var count: Int64 {
        guard let rows, !rows.isEmpty else { return 0 }
        return rows[0, 0].integer ?? 0
    }
}
