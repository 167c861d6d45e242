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
            let connection = try await connections.take(until: request.deadline)
            defer { connections.giveBack(connection) }
            // Its wait may have been the longest part.
            guard request.deadline > .now else { return .failure(.deadlineExceeded) }
            guard !request.waiter.isAbandoned else { return .failure(.unavailable("nobody waits for it")) }
            let exchange = Exchange(on: connection)
            var parameters = Parameters()
            request.append(to: &parameters)
            exchange.add(statement, parameters, returning: request.tags)
            switch await exchange.results().first {
            case .rows(let rows): return .success(rows)
            case .failed(let error):
                if error.wantsPreparation { connection.forget(statement) }
                return .failure(StorageError(error))
            case .done, .skipped, nil: return .failure(.internal("no answer"))
            }
        } catch {
            return .failure(StorageError(error))
        }
    }
}
