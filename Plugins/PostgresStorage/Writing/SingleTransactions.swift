import MartletKernel
import MartletModel

/// Transactions that are done by themselves, mutation by mutation: those that take values from their own records, change
/// several, or have met a lock, a conflict or an idempotency key in a batch.
final class SingleTransactions {
    /// Serialisation failures and deadlocks in a row, after which the client hears of it.
    private static let attempts = 8

    private let catalog: Catalog
    private let connections: ExclusiveConnections
    private let thread: EventThread
    private var commands: Commands { catalog.commands }

    init(_ catalog: Catalog, _ connections: ExclusiveConnections, _ thread: EventThread) {
        self.catalog = catalog
        self.connections = connections
        self.thread = thread
    }

    func commit(
        _ transaction: Transaction, until deadline: ContinuousClock.Instant
    ) async -> Result<CommitResult, StorageError> {
        var attempt = 0
        while true {
            attempt += 1
            do throws(PostgresError) {
                let connection = try await connections.take(until: deadline)
                guard deadline > .now else {
                    connections.giveBack(connection)
                    return .failure(.deadlineExceeded)
                }
                let result = await SingleTransaction(catalog, transaction, on: connection).commit()
                connections.giveBack(connection)
                switch result {
                case .answer(let answer): return answer
                case .again(let error):
                    guard deadline > .now, attempt < Self.attempts else { return .failure(StorageError(error)) }
                }
            } catch {
                return .failure(StorageError(error))
            }
            // Who was in the way shall be out of it.
            await thread.sleep(until: .now + .milliseconds(Int.random(in: 1...(5 * attempt))))
        }
    }
}

/// One attempt.
struct SingleTransaction {
    enum Outcome {
        case answer(Result<CommitResult, StorageError>)
        /// Nothing was done, and it may go another time.
        case again(PostgresError)
    }

    /// Ends the attempt before its commit.
    private enum Stop: Error {
        case refused(Refusal)
        case replay(CommitResult)
        case failed(PostgresError)
    }

    private let catalog: Catalog
    private let transaction: Transaction
    private let connection: Connection
    private var commands: Commands { catalog.commands }

    init(_ catalog: Catalog, _ transaction: Transaction, on connection: Connection) {
        self.catalog = catalog
        self.transaction = transaction
        self.connection = connection
    }

    func commit() async -> Outcome {
        do throws(Stop) {
            try await begin()
            var written: [Written] = []
            for (place, mutation) in transaction.mutations.enumerated() {
                written.append(try await apply(mutation, at: place, after: written))
            }
            return await finish(written)
        } catch {
            return await stopped(by: error)
        }
    }

    private func begin() async throws(Stop) {
        let exchange = Exchange(on: connection)
        exchange.add(commands.begin)
        if let idempotency = transaction.idempotency {
            var old = Parameters()
            old.append(idempotency.scopeBytes)
            old.append(transaction.time.expiry)
            exchange.add(commands.dropOldClaim, old)
            exchange.add(commands.claim, idempotency.claim(at: transaction.time))
        }
        if transaction.mutations.contains(where: { catalog.table(of: $0.resource)?.deletionNeedsTime == true }) {
            var time = Parameters()
            time.append(transaction.time)
            exchange.add(commands.announceTime, time)
        }
        guard let error = await exchange.results()[...].firstError?.error else { return }
        if error.isUniqueViolation { throw try await known() }
        // The same transaction holds the claim, on another connection or another server.
        throw error.isLockTimeout ? .refused(Refusal(mutation: 0, .idempotencyKeyInUse)) : .failed(error)
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

    private func apply(_ mutation: Mutation, at place: Int, after written: [Written]) async throws(Stop) -> Written {
        guard let table = catalog.table(of: mutation.resource) else {
            throw .failed(.bug("\(mutation.resource.name) was not prepared"))
        }
        let change: Mutation.Change
        switch mutation.resolved(written) {
        case .success(let resolved): change = resolved
        case .failure(let refusal): throw .refused(Refusal(mutation: place, refusal.reason))
        }
        guard change.key.map({ $0.isOne(of: mutation.resource) }) ?? true else {
            throw .refused(Refusal(mutation: place, .notFound))
        }
        let verdict = try await apply(change, if: mutation.precondition, to: table, at: place)
        switch verdict {
        case .done(let written): return written
        case .refused(let reason): throw .refused(Refusal(mutation: place, reason))
        case .unclear: throw .failed(.again)
        }
    }

    private func apply(
        _ change: Mutation.Change, if precondition: Precondition, to table: Table, at place: Int
    ) async throws(Stop) -> Verdict {
        let step = table.step(for: change, if: precondition, at: transaction.time)
        let exchange = Exchange(on: connection)
        if place > 0 { exchange.add(commands.release) }
        exchange.add(commands.savepoint)
        exchange.add(step.statement, step.parameters, returning: step.tags)
        let results = await exchange.results()
        let error = results[...].firstError?.error
        if let rows = results.last?.rows,
            let verdict = table.verdict(of: change, if: precondition, returning: rows)
        {
            return verdict
        }
        if let error, error.isTooDeep, case .delete(let key) = change {
            return try await deleteDeeply(key, change, precondition, from: table)
        }
        guard let diagnosis = table.diagnosis(of: change, after: error, at: transaction.time) else {
            if let error, error.wantsPreparation { connection.forget(step.statement) }
            throw .failed(error ?? .bug("a statement without an effect"))
        }
        let found = try await result(of: diagnosis)
        guard let error else { return table.verdict(of: change, if: precondition, found: found) }
        let verdict = table.verdict(of: change, after: error, found: found)
        // What the schemas don't know stands against it: that is no client's mistake, if it stays.
        if case .unclear = verdict { throw .failed(error) }
        return verdict
    }

    /// In the same transaction, as it was before the mutation.
    private func result(of diagnosis: Diagnosis) async throws(Stop) -> RowBatch {
        let exchange = Exchange(on: connection)
        exchange.add(commands.rollbackToSavepoint)
        exchange.add(diagnosis.statement, diagnosis.parameters, returning: diagnosis.tags)
        let results = await exchange.results()
        guard let found = results[1].rows else {
            throw .failed(results[...].firstError?.error ?? .bug("a diagnosis without an answer"))
        }
        return found
    }

    /// The server's own cascade goes down as far as its stack allows. This goes from the leaves up.
    private func deleteDeeply(
        _ key: Key, _ change: Mutation.Change, _ precondition: Precondition, from table: Table
    ) async throws(Stop) -> Verdict {
        guard let list = table.gone else { throw .failed(.bug("a cascade that no schema has")) }
        var parameters = Parameters()
        parameters.append(key)
        let record = try await result(of: Diagnosis(statement: table.byKey, parameters: parameters, tags: table.tags))
        guard !record.isEmpty else { return .refused(.notFound) }
        guard precondition.holds(for: record[0, table.schema.versionIndex].integer ?? 0) else {
            return .refused(.preconditionFailed)
        }
        if let statement = table.referrers.statement {
            let found = try await result(
                of: Diagnosis(statement: statement, parameters: parameters, tags: table.referrers.tags))
            let verdict = table.verdict(of: change, after: .again, found: found)
            if case .refused = verdict { return verdict }
        }
        let gone = try await result(
            of: Diagnosis(statement: list, parameters: parameters, tags: ReferenceGraph.goneTags))
        let exchange = Exchange(on: connection)
        for row in (0..<gone.count).reversed() {
            let child = catalog.tables[Int(gone[row, 0].integer ?? 0)]
            guard let key = (1...3).lazy.compactMap({ Key(gone[row, $0], of: gone) }).first else { continue }
            var parameters = Parameters()
            parameters.append(key)
            parameters.append(Precondition.none.versions)
            exchange.add(child.delete, parameters)
        }
        if let error = await exchange.results()[...].firstError?.error { throw .failed(error) }
        return .done(Written(record, isNew: false))
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
        case .refused(let refusal): return .answer(.success(.refused(refusal)))
        case .replay(let result): return .answer(.success(result))
        case .failed(let error):
            let mayGo =
                error.isTransient || error.wantsPreparation || error.isUniqueViolation || error.isReferenceViolation
            return mayGo ? .again(error) : .answer(.failure(StorageError(error)))
        }
    }
}

extension Transaction {
    /// What became of it, by its idempotency entry.
    func result(in rows: RowBatch) -> CommitResult? {
        guard let idempotency, rows.count == 1 else { return nil }
        let bytes = rows.withBytes(of: rows[0, 1]) { Array($0) }
        guard rows[0, 0].integer.map(UInt64.init(bitPattern:)) == idempotency.fingerprint, let written = decode(bytes)
        else { return .refused(Refusal(mutation: 0, .idempotencyKeyReused)) }
        return .replayed(written)
    }
}
