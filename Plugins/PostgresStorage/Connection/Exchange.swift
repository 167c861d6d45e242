import MartletModel

/// Statements that are sent together and whose answers are awaited together.
final class Exchange: Receiver {
    private let connection: Connection
    private var tags: [[Cell.Tag]] = []
    /// The place of the commit, if there is one.
    private var commit: Int?
    private var results: [StepResult] = []
    /// The statement that is read row by row, if there is one, what has come of it, and how much may.
    private var streamed: Int?
    private var streamedRows = RowBatch(width: 1)
    private var limit = RowLimit()
    private var continuation: CheckedContinuation<[StepResult], Never>?

    init(on connection: Connection) {
        self.connection = connection
    }

    /// How many statements there are.
    var count: Int { tags.count }

    /// - Parameter tags: what the columns of the result hold; none if there is no result, or nobody wants it.
    func add(_ statement: Statement, _ parameters: Parameters = Parameters(), returning tags: [Cell.Tag] = []) {
        if statement.sql == Commands.commitText { commit = self.tags.count }
        self.tags.append(tags)
        connection.send(statement, parameters, to: self)
    }

    /// Like ``add(_:_:returning:)``, read row by row: the exchange ends early when the rows exceed the limit. The connection then
    /// expects more, and is of no further use.
    func addStreamed(_ statement: Statement, _ parameters: Parameters, returning tags: [Cell.Tag], _ limit: RowLimit) {
        (streamed, streamedRows, self.limit) = (count, RowBatch(width: tags.count), limit)
        self.tags.append(tags)
        connection.send(statement, parameters, to: self, rowByRow: true)
    }

    /// Ends a stretch: an error in it keeps what follows in it from being done, and nothing behind it.
    func endStretch() {
        connection.sync()
    }

    /// Sends all, with the end of the last stretch.
    /// - Returns: what came of each statement.
    func results() async -> [StepResult] {
        await withCheckedContinuation { continuation in
            self.continuation = continuation
            connection.sync(to: self)
            connection.flush()
        }
    }

    func receive(_ answer: Answer) {
        // What comes after an early end is nobody's.
        guard continuation != nil || results.count < tags.count else { return }
        if case .end = answer { return resume() }
        guard results.count < tags.count else { return resume() }
        switch answer {
        case .row(let rows): take(rows)
        case .rows where results.count == streamed: results.append(.rows(streamedRows))
        case .rows(let rows):
            // To the commit of a transaction that has failed the server says ROLLBACK, and no error.
            if results.count == commit, !rows.isOfCommit {
                return results.append(.failed(.bug("the transaction had failed before its commit")))
            }
            let tags = tags[results.count]
            do throws(PostgresError) {
                results.append(tags.isEmpty ? .done : .rows(try rows.batch(tags)))
            } catch {
                results.append(.failed(error))
            }
        case .failed(let error): results.append(.failed(error))
        case .skipped: results.append(.skipped)
        case .lost(let error): results.append(.failed(error))
        case .end: break
        }
    }

    private func take(_ rows: ResultRows) {
        do throws(PostgresError) {
            try rows.append(to: &streamedRows, tags[results.count], &limit)
            guard limit.isReached else { return }
            results.append(.rows(streamedRows))
        } catch {
            results.append(.failed(error))
        }
        resume()
    }

    private func resume() {
        continuation?.resume(returning: results)
        continuation = nil
    }
}

/// What came of a statement.
enum StepResult {
    case rows(RowBatch)
    /// It returns nothing.
    case done
    /// ``PostgresError/isLoss`` tells whether the connection has.
    case failed(PostgresError)
    case skipped

    var rows: RowBatch? {
        if case .rows(let rows) = self { rows } else { nil }
    }

    var error: PostgresError? {
        if case .failed(let error) = self { error } else { nil }
    }
}
