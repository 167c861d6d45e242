import Logging
import MartletKernel
import MartletModel

/// One attempt.
struct SingleTransaction {
    enum Outcome {
        case answer(Result<CommitResult, StorageError>)
        /// Nothing was done, and it may go another time.
        case again(PostgresError)
    }

    /// Ends the attempt before its commit.
    enum Stop: Error {
        case refused([Refusal])
        case replay(CommitResult)
        case failed(PostgresError)
    }

    let catalog: Catalog
    let transaction: Transaction
    let connection: Connection
    /// What keeps a change from being done now will do so again.
    private let isLastAttempt: Bool
    let logger: Logger
    var commands: Commands { catalog.commands }

    init(
        _ catalog: Catalog, _ transaction: Transaction, on connection: Connection, isLastAttempt: Bool, _ logger: Logger
    ) {
        self.isLastAttempt = isLastAttempt
        self.catalog = catalog
        self.transaction = transaction
        self.connection = connection
        self.logger = logger
    }

    func commit() async -> Outcome {
        do throws(Stop) {
            try await begin()
            return await finish(try await apply())
        } catch {
            return await stopped(by: error)
        }
    }

    private func begin() async throws(Stop) {
        let exchange = Exchange(on: connection)
        exchange.add(commands.begin)
        var claim: Int?
        if let idempotency = transaction.idempotency {
            var old = Parameters()
            old.append(idempotency.scopeBytes)
            old.append(transaction.time.expiry)
            exchange.add(commands.dropOldClaim, old)
            claim = exchange.count
            exchange.add(commands.claim, idempotency.claim(at: transaction.time))
        }
        if changesSeveral { exchange.add(commands.waitForDeadlocks) }
        addLocks(to: exchange)
        guard let (place, error) = await exchange.results()[...].firstError else { return }
        if error.isUniqueViolation { throw try await known() }
        // The same transaction holds the claim, on another connection or another server. A lock on the table stops what comes
        // before the claim, and one on a record what comes after it.
        throw error.isLockTimeout && place == claim
            ? .refused([Refusal(mutation: 0, .idempotencyKeyInUse)]) : .failed(error)
    }

    /// The claim was there.
    private func known() async throws(Stop) -> Stop {
        guard let idempotency = transaction.idempotency else { throw .failed(.bug("a claim without a key")) }
        let exchange = Exchange(on: connection)
        exchange.add(commands.rollback)
        var parameters = Parameters()
        parameters.append(idempotency.scopeBytes)
        parameters.append(transaction.time.expiry)
        exchange.add(commands.knownResult, parameters, returning: Commands.knownResultTags)
        let results = await exchange.results()
        if let error = results[...].firstError?.error { throw .failed(error) }
        guard let rows = results[1].rows, let result = transaction.result(in: rows) else {
            // Who had claimed it has given it up.
            return .failed(.again)
        }
        return .replay(result)
    }

    // MARK: - Mutations

    private func apply() async throws(Stop) -> [Written] {
        var results = TransactionResults(of: transaction)
        var pipeline = MutationPipeline()
        while let (mutation, change) = results.next() {
            if let record = pipeline.done.popFirst() {
                results.append(Written(record, isNew: true))
                continue
            }
            guard let table = catalog.table(of: mutation.resource) else {
                throw .failed(.bug("\(mutation.resource.name) was not prepared"))
            }
            guard change.key.map({ $0.isOne(of: mutation.resource) }) ?? true else {
                results.refuse(.notFound)
                continue
            }
            let ahead = results.insertsAhead(atMost: pipeline.depth)
            switch try await apply(change, if: mutation.precondition, to: table, then: ahead, &pipeline) {
            case .done(let written): results.append(written)
            case .refused(let reason): results.refuse(reason)
            case .unclear: throw .failed(.again)
            }
        }
        switch results.result {
        case .committed(let written), .replayed(let written): return written
        case .refused(let refusals): throw .refused(refusals)
        }
    }

    /// In a savepoint of its own, to which it is rolled back if it can't be done.
    /// - Parameter ahead: what is sent with it, in savepoints of their own. What comes of that is in the pipeline afterwards.
    private func apply(
        _ change: Mutation.Change, if precondition: Precondition, to table: Table, then ahead: ArraySlice<Mutation>,
        _ pipeline: inout MutationPipeline
    ) async throws(Stop) -> Verdict {
        let exchange = Exchange(on: connection)
        switch pipeline.savepoint {
        case .none: exchange.add(commands.savepoint)
        case .done: addNextSavepoint(to: exchange)
        case .failed: exchange.add(commands.rollbackToSavepoint)
        }
        let index = add(change, if: precondition, to: table, in: exchange)
        var indexes: [Int] = []
        for mutation in ahead {
            guard let table = catalog.table(of: mutation.resource) else { break }
            addNextSavepoint(to: exchange)
            indexes.append(add(mutation.change, if: .none, to: table, in: exchange))
        }
        let results = await exchange.results()
        pipeline.take(indexes.map { results[$0] }, after: results[index])
        return try await verdict(of: change, if: precondition, on: table, results[...index])
    }

    private func addNextSavepoint(to exchange: Exchange) {
        exchange.add(commands.release)
        exchange.add(commands.savepoint)
    }

    /// - Returns: the index of its result.
    private func add(
        _ change: Mutation.Change, if precondition: Precondition, to table: Table, in exchange: Exchange
    ) -> Int {
        let step = table.step(for: change, if: precondition, at: transaction.time)
        if step.setsNull {
            var time = Parameters()
            time.append(transaction.time)
            exchange.add(commands.announceChange, time)
        }
        exchange.add(step.statement, step.parameters, returning: step.tags)
        return exchange.count - 1
    }

    /// - Parameter results: up to that of the change.
    private func verdict(
        of change: Mutation.Change, if precondition: Precondition, on table: Table, _ results: ArraySlice<StepResult>
    ) async throws(Stop) -> Verdict {
        let error = results.firstError?.error
        if let rows = results.last?.rows,
            let verdict = table.verdict(of: change, if: precondition, returning: rows)
        {
            return verdict
        }
        if let error, error.isTooDeep, case .delete(let key) = change {
            return try await deleteDeeply(key, change, precondition, from: table)
        }
        guard let diagnosis = table.diagnosis(of: change, after: error, at: transaction.time) else {
            guard let error else { return try await suppressed(change, on: table) }
            if let verdict = try await self.verdict(of: change, on: table, afterUnknown: error) { return verdict }
            throw .failed(error.naming(table.schema.table))
        }
        let found = try await result(of: diagnosis)
        guard let error else {
            let verdict = table.verdict(of: change, if: precondition, found: found)
            guard case .unclear = verdict, isLastAttempt else { return verdict }
            return try await suppressed(change, on: table)
        }
        let verdict = table.verdict(of: change, after: error, found: found)
        guard case .unclear = verdict else { return verdict }
        if let verdict = try await self.verdict(of: change, on: table, afterUnknown: error) { return verdict }
        if table.deletedRecords != nil, case .delete(let key) = change {
            return try await deleteDeeply(key, change, precondition, from: table)
        }
        // What the schemas don't know stands against it: that is no client's mistake, if it stays.
        throw .failed(error)
    }

    /// In the same transaction, as it was before the mutation.
    func result(of diagnosis: Diagnosis) async throws(Stop) -> RowBatch {
        let exchange = Exchange(on: connection)
        exchange.add(commands.rollbackToSavepoint)
        exchange.add(diagnosis.statement, diagnosis.parameters, returning: diagnosis.tags)
        let results = await exchange.results()
        guard let found = results[1].rows else {
            throw .failed(results[...].firstError?.error ?? .bug("a diagnosis without an answer"))
        }
        return found
    }

    // MARK: - The end

    private func finish(_ written: [Written]) async -> Outcome {
        let exchange = Exchange(on: connection)
        if let idempotency = transaction.idempotency {
            var parameters = Parameters()
            parameters.append(idempotency.scopeBytes)
            parameters.append(transaction.encode(written))
            exchange.add(commands.keepResult, parameters)
        }
        exchange.add(commands.commit)
        guard let error = await exchange.results()[...].firstError?.error else {
            return .answer(.success(.committed(written)))
        }
        guard error.isLoss else { return await stopped(by: .failed(error)) }
        connection.lose(error)
        return .answer(.failure(.outcomeUnknown(error.description)))
    }

    private func stopped(by stop: Stop) async -> Outcome {
        if case .failed(let error) = stop, error.isLoss {
            connection.lose(error)
            return .again(error)
        }
        let exchange = Exchange(on: connection)
        exchange.add(commands.rollback)
        _ = await exchange.results()
        switch stop {
        case .refused(let refusals): return .answer(.success(.refused(refusals)))
        case .replay(let result): return .answer(.success(result))
        case .failed(let error):
            let mayGo =
                error.isConflict || error.wantsPreparation || error.isUniqueViolation || error.isReferenceViolation
                || error.isCancellation
            return mayGo ? .again(error) : .answer(.failure(StorageError(ofWrite: error)))
        }
    }
}

extension Transaction {
    /// What became of it, by its idempotency entry.
    func result(in rows: RowBatch) -> CommitResult? {
        guard rows.count == 1, let fingerprint = rows[0, 0].integer, let time = rows[0, 1].timestamp else { return nil }
        return result(
            of: IdempotencyEntry(
                fingerprint: UInt64(bitPattern: fingerprint), time: time,
                result: rows.withBytes(of: rows[0, 2]) { Array($0) }))
    }
}

/// Inserts that are sent together with the one before them. That saves most round trips of a large array with few refusals.
private struct MutationPipeline {
    enum Savepoint {
        case none
        /// What was done in it stays.
        case done
        /// An insert that was sent ahead has failed in it, and is to be done again by itself.
        case failed
    }

    private static let maxDepth = 64
    private static let maxBytes = 1 << 20

    private(set) var savepoint = Savepoint.none
    /// The records of inserts that are done, for the mutations that come next.
    var done: ArraySlice<RowBatch> = []
    /// How many inserts to send with the next mutation.
    private(set) var depth = 1

    /// - Parameters:
    ///   - results: of the inserts.
    ///   - first: of the mutation with which they were sent. What comes of it is diagnosed in its savepoint.
    mutating func take(_ results: [StepResult], after first: StepResult) {
        done = results.prefix { $0.rows?.isEmpty == false }.compactMap(\.rows)[...]
        guard first.rows != nil else { return (savepoint, depth) = (.done, 1) }
        guard done.count == results.count else { return (savepoint, depth) = (.failed, 0) }
        let largest = done.map(\.valueByteCount).max() ?? 0
        (savepoint, depth) = (.done, min(2 * max(depth, 1), Self.maxDepth, Self.maxBytes / max(largest, 1)))
    }
}
