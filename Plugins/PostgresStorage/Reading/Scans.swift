import Logging
import MartletKernel
import MartletModel

/// Lists and counts that no index bounds: on connections of their own, one at a time on each, and planned for their very
/// values.
///
/// `@unchecked Sendable`: it is used on the ``EventThread`` alone.
final class Scans: @unchecked Sendable {
    private let connections: ExclusiveConnections
    private let commands: Commands
    private let logger: Logger
    /// What looks at more rows is logged.
    private let slowRows: Int

    init(_ connections: ExclusiveConnections, _ commands: Commands, _ logger: Logger, slowRows: Int) {
        (self.connections, self.commands) = (connections, commands)
        (self.logger, self.slowRows) = (logger, slowRows)
    }

    func read(_ request: ReadRequest, _ list: ListRead) async -> Result<RowBatch, StorageError> {
        do throws(PostgresError) {
            let connection = try await connections.take(until: request.deadline, for: request.waiter)
            defer { connections.giveBack(connection) }
            guard !request.waiter.isAbandoned else { return .failure(.unavailable("nobody waits for it")) }
            let begin = ContinuousClock.now
            guard begin < request.deadline else { return .failure(.deadlineExceeded) }
            let scan = await scan(list, on: connection, for: request.deadline - begin)
            if case .failure(.deadlineExceeded) = scan.result {
                tell("a read was ended by its deadline", list, scan.rowsLookedAt, .now - begin)
            } else if scan.rowsLookedAt > slowRows {
                tell("a read has looked at many rows", list, scan.rowsLookedAt, .now - begin)
            }
            return scan.result
        } catch {
            return .failure(request.deadline <= .now ? .deadlineExceeded : StorageError(error))
        }
    }

    /// In a transaction, which keeps the server's counters from being collected in between; and behind a savepoint, so that
    /// they can be read after an error as well.
    private func scan(
        _ list: ListRead, on connection: Connection, for time: Duration
    ) async -> (result: Result<RowBatch, StorageError>, rowsLookedAt: Int64) {
        let exchange = Exchange(on: connection)
        var (limit, table, values) = (Parameters(), Parameters(), Parameters())
        limit.append(String(SessionSettings.milliseconds(time)))
        table.append(list.table.layout.name)
        list.sql.append(to: &values)
        exchange.add(commands.begin)
        exchange.add(commands.limitTime, limit)
        exchange.add(commands.savepoint)
        exchange.add(commands.rowsLookedAt, table, returning: [.integer])
        exchange.add(list.sql.statement(id: Statement.unprepared), values, returning: list.tags)
        exchange.endStretch()
        exchange.add(commands.rollbackToSavepoint)
        exchange.add(commands.rowsLookedAt, table, returning: [.integer])
        exchange.add(commands.commit)
        let results = await exchange.results()
        guard results.count == 8, case .done = results[7] else {
            connection.lose(.lost("its transaction could not be ended"))
            let error = results.lazy.compactMap(\.error).first
            return (.failure(error.map { StorageError($0) } ?? .internal("no answer")), 0)
        }
        let rows = (results[6].rows?[0, 0].integer ?? 0) - (results[3].rows?[0, 0].integer ?? 0)
        switch results[4] {
        case .rows(let batch): return (.success(batch), rows)
        case .failed(let error): return (.failure(StorageError(error)), rows)
        case .done, .skipped: return (.failure(.internal("no answer")), rows)
        }
    }

    private func tell(_ message: Logger.Message, _ list: ListRead, _ rows: Int64, _ time: Duration) {
        logger.warning(
            message,
            metadata: [
                "route": "\(list.query.origin ?? "?")", "resource": "\(list.query.resource.name)", "rows": "\(rows)",
                "milliseconds": "\(SessionSettings.milliseconds(time))",
            ])
    }
}
