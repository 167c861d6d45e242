import DequeModule
import MartletKernel
import MartletModel

/// A connection that reads share, with those that are under way on it: they are answered in their order.
final class ReadLine: Receiver {
    /// As many are sent ahead: enough that the server always has one to do.
    static let window = 8

    let connection: Connection
    private unowned let queue: ReadQueue
    private var underWay = Deque<ReadRequest>()
    private var hasUnsent = false
    /// How many of those under way were given to others as well: all behind the first, or all.
    private var forsaken = Forsaken.none

    private enum Forsaken { case none, rest, all }

    init(_ connection: Connection, _ queue: ReadQueue) {
        self.connection = connection
        self.queue = queue
        connection.onLargeResult = { [unowned self] in self.giveUpLargeResult() }
    }

    /// The rows of the first would all be in memory at once: it is done again where they are read one by one.
    private func giveUpLargeResult() {
        if let first = underWay.first, !first.isDone { queue.isLarge(first) }
        connection.lose(.lost("a result is too large for a connection that others share"))
    }

    var load: Int { underWay.count }

    /// Since when the server owes the first answer, if it does.
    func silence(_ now: ContinuousClock.Instant) -> Duration? {
        underWay.isEmpty ? nil : now - connection.lastProgress
    }

    func send(_ request: ReadRequest, _ statement: Statement, _ parameters: Parameters) {
        underWay.append(request)
        hasUnsent = true
        connection.send(statement, parameters, to: self)
    }

    /// One sync for all that a turn has added: libpq before 17 sends at each.
    func flush() {
        guard hasUnsent else { return }
        hasUnsent = false
        connection.sync()
        connection.flush()
    }

    /// Its first read takes long: what stands behind is done elsewhere as well, and what is answered first counts.
    /// - Parameter all: the server says nothing at all: the first one too.
    /// - Returns: those that were not given to others before.
    func forsake(all: Bool) -> [ReadRequest] {
        guard forsaken != .all, all || forsaken == .none else { return [] }
        let requests = all && forsaken == .rest ? underWay.prefix(1) : underWay.dropFirst(all ? 0 : 1)
        forsaken = all ? .all : .rest
        return requests.filter { !$0.isDone }
    }

    /// Answers those whose time is over. When it is over for the first, which the others wait for, the connection is given up.
    func expire(_ now: ContinuousClock.Instant) {
        let end = now - ExclusiveConnections.grace
        for request in underWay where request.deadline <= end {
            queue.answer(request, .failure(.timedOut(waitingFor: "PostgreSQL's answer")))
        }
        if let first = underWay.first, first.deadline <= end {
            connection.lose(.timedOut(waitingFor: "PostgreSQL's answer"))
        }
    }

    func receive(_ answer: Answer) {
        guard let request = underWay.popFirst() else { return }
        forsaken = .none
        guard !request.isDone else { return }
        switch answer {
        case .rows(let rows):
            do throws(PostgresError) {
                let tags = request.tags
                var batch = RowBatch(width: tags.count, reservingRows: rows.count, bytes: rows.count * 64)
                var limit = RowLimit(request.query)
                try rows.append(to: &batch, tags, &limit)
                queue.answer(request, .success(batch))
            } catch {
                queue.answer(request, .failure(StorageError(error.naming(request.tableName))))
            }
        case .failed(let error): failed(request, error)
        case .skipped: queue.retry(request)
        case .lost: queue.failed(request)
        // None is sent row by row.
        case .row, .end: break
        }
    }

    private func failed(_ request: ReadRequest, _ error: PostgresError) {
        if error.isCancellation {
            queue.exceeded(request)
        } else if error.isLoss || error.wantsPreparation {
            queue.failed(request)
        } else {
            queue.answer(request, .failure(StorageError(error.naming(request.tableName))))
        }
    }
}
