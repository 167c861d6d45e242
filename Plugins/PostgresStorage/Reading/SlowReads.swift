import MartletKernel
import MartletModel

/// Reads that are too much for a connection that others share: one at a time, on connections of their own.
final class SlowReads {
    private let connections: ExclusiveConnections

    init(_ connections: ExclusiveConnections) {
        self.connections = connections
    }

    func read(_ request: ReadRequest, _ statement: Statement) async -> Result<RowBatch, StorageError> {
        do throws(PostgresError) {
            let connection = try await connections.take(until: request.deadline, for: request.waiter)
            defer { connections.giveBack(connection) }
            guard !request.isDone, !request.waiter.isAbandoned else {
                return .failure(.unavailable("nobody waits for it"))
            }
            switch await result(of: request, statement, on: connection) {
            case .rows(let rows): return .success(rows)
            case .failed(let error):
                return .failure(StorageError(error.naming(request.tableName), until: request.deadline))
            case .done, .skipped, nil: return .failure(.internal("no answer"))
            }
        } catch {
            return .failure(StorageError(error))
        }
    }

    /// Asks once more when what the connection had prepared was no good any more, which it knows by then.
    private func result(
        of request: ReadRequest, _ statement: Statement, on connection: Connection
    ) async -> StepResult? {
        let first = await attempt(request, statement, on: connection)
        switch first {
        case .failed(let error) where error.wantsPreparation: break
        // By what was dropped before it.
        case .skipped: break
        default: return first
        }
        return await attempt(request, statement, on: connection)
    }

    private func attempt(
        _ request: ReadRequest, _ statement: Statement, on connection: Connection
    ) async -> StepResult? {
        let exchange = Exchange(on: connection)
        var parameters = Parameters()
        request.append(to: &parameters)
        exchange.addStreamed(statement, parameters, returning: request.tags, RowLimit(request.query))
        return await exchange.results().first
    }
}
