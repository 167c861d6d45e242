import MartletKernel
import MartletModel

/// Transactions that share one transaction of the database, and so one round trip and one sync of its disk.
///
/// Each is in a savepoint of its own, and all are sent without waiting for the first answer: so what a transaction does
/// may not depend on what came of it so far. Where one is refused, what stood against it is looked up after the commit, for
/// all of the batch at once.
struct WriteBatch {
    /// What became of a transaction.
    enum Outcome {
        case answer(Result<CommitResult, StorageError>)
        /// Nothing was done, and it is to be done by itself, with an eye on what comes of each of its mutations.
        /// With `isHeld`, others' locks stood against it.
        case alone(isHeld: Bool)
        /// Nothing was done: the connection was lost before the commit was sent.
        case lost(PostgresError)
    }

    /// What is known of a transaction before the commit.
    private enum Standing {
        case written([Written])
        /// The one mutation was not done: why, if it was an error.
        case toDiagnose(PostgresError?)
        /// The one mutation had no effect, and there is a claim.
        case claimedForNothing
        case settled(Outcome)
    }

    private let catalog: Catalog
    private let transactions: [Transaction]
    private let connection: Connection
    private var commands: Commands { catalog.commands }

    init(_ catalog: Catalog, _ transactions: [Transaction], on connection: Connection) {
        self.catalog = catalog
        self.transactions = transactions
        self.connection = connection
    }

    /// Whether a transaction can be in a batch: it is one change, or makes records and nothing else, so that what is done
    /// can't have been a mistake that only its answer shows.
    static func takes(_ transaction: Transaction) -> Bool {
        let mutations = transaction.mutations
        let areKnown = mutations.allSatisfy { mutation in
            mutation.references.isEmpty && mutation.keyReference == nil
                && mutation.change.key.map { $0.isOne(of: mutation.resource) } ?? true
        }
        guard areKnown else { return false }
        return mutations.count == 1
            || mutations.allSatisfy {
                if case .insert = $0.change { true } else { false }
            }
    }

    func commit() async -> [Outcome] {
        let exchange = Exchange(on: connection)
        exchange.add(commands.begin)
        exchange.add(commands.savepoint)
        var places: [Range<Int>] = []
        for transaction in transactions { places.append(add(transaction, to: exchange)) }
        let results = await exchange.results()
        if let loss = results.lazy.compactMap(\.error).first(where: \.isLoss) {
            connection.lose(loss)
            return transactions.map { _ in .lost(loss) }
        }
        let standings = transactions.indices.map { standing(of: transactions[$0], results[places[$0]]) }
        return await finish(standings)
    }

    /// - Returns: the places of its steps' results: that of the claim, if there is one, and one for each mutation.
    private func add(_ transaction: Transaction, to exchange: Exchange) -> Range<Int> {
        exchange.add(commands.rollbackToSavepoint)
        var steps: [Step] = []
        for mutation in transaction.mutations {
            guard let table = catalog.table(of: mutation.resource) else { continue }
            steps.append(table.step(for: mutation.change, if: mutation.precondition, at: transaction.time))
        }
        if steps.contains(where: \.setsNull) {
            var time = Parameters()
            time.append(transaction.time)
            exchange.add(commands.announceChange, time)
        }
        let first = exchange.count
        if let idempotency = transaction.idempotency {
            exchange.add(commands.claim, idempotency.claim(at: transaction.time))
        }
        for step in steps { exchange.add(step.statement, step.parameters, returning: step.tags) }
        defer {
            exchange.add(commands.release)
            exchange.add(commands.savepoint)
            exchange.endStretch()
        }
        return first..<exchange.count
    }

    private func standing(of transaction: Transaction, _ results: ArraySlice<StepResult>) -> Standing {
        let claims = transaction.idempotency == nil ? 0 : 1
        if let (place, error) = results.firstError {
            forgetStatements(of: transaction, after: error)
            // The claim: it was done before, or is being done.
            let isClaim = place - results.startIndex < claims
            if isClaim || transaction.mutations.count > 1 || error.isWorthAnotherTry {
                return .settled(.alone(isHeld: error.isLockTimeout && !isClaim))
            }
            return error.isUniqueViolation || error.isReferenceViolation
                ? .toDiagnose(error) : .settled(.answer(.failure(StorageError(error))))
        }
        var written: [Written] = []
        for (mutation, result) in zip(transaction.mutations, results.dropFirst(claims)) {
            guard let table = catalog.table(of: mutation.resource), let rows = result.rows,
                case .done(let record) = table.verdict(
                    of: mutation.change, if: mutation.precondition, returning: rows)
            else { return claims == 0 ? .toDiagnose(nil) : .claimedForNothing }
            written.append(record)
        }
        return .written(written)
    }

    private func forgetStatements(of transaction: Transaction, after error: PostgresError) {
        guard error.wantsPreparation else { return }
        for mutation in transaction.mutations {
            guard let table = catalog.table(of: mutation.resource) else { continue }
            for statement in table.writing { connection.forget(statement) }
        }
    }

    // MARK: - The commit, and behind it what is still to be known

    private func finish(_ standings: [Standing]) async -> [Outcome] {
        let exchange = Exchange(on: connection)
        exchange.add(commands.rollbackToSavepoint)
        for (transaction, standing) in zip(transactions, standings) { settle(transaction, standing, in: exchange) }
        let commit = exchange.count
        exchange.add(commands.commit)
        var diagnoses: [Int: Int] = [:]
        for (index, standing) in standings.enumerated() {
            guard case .toDiagnose(let error) = standing, let diagnosis = diagnosis(of: index, after: error) else {
                continue
            }
            if diagnoses.isEmpty { exchange.endStretch() }
            diagnoses[index] = exchange.count
            exchange.add(diagnosis.statement, diagnosis.parameters, returning: diagnosis.tags)
        }
        let results = await exchange.results()
        if case .done = results[commit] {
            return standings.indices.map { outcome(of: $0, standings[$0], diagnoses[$0].map { results[$0] }) }
        }
        return await uncommitted(standings, results[...commit].firstError?.error)
    }

    /// What is kept of a transaction beside its records.
    private func settle(_ transaction: Transaction, _ standing: Standing, in exchange: Exchange) {
        guard let idempotency = transaction.idempotency else { return }
        var parameters = Parameters()
        parameters.append(idempotency.scopeBytes)
        switch standing {
        case .written(let written):
            parameters.append(transaction.encode(written))
            exchange.add(commands.keepResult, parameters)
        case .claimedForNothing:
            exchange.add(commands.dropClaim, parameters)
        default: break
        }
    }

    private func diagnosis(of index: Int, after error: PostgresError?) -> Diagnosis? {
        guard let mutation = transactions[index].mutations.first, let table = catalog.table(of: mutation.resource)
        else {
            return nil
        }
        return table.diagnosis(of: mutation.change, after: error, at: transactions[index].time)
    }

    private func outcome(of index: Int, _ standing: Standing, _ diagnosis: StepResult?) -> Outcome {
        switch standing {
        case .written(let written): return .answer(.success(.committed(written)))
        case .settled(let outcome): return outcome
        case .claimedForNothing: return .alone(isHeld: false)
        case .toDiagnose(let error):
            let mutation = transactions[index].mutations[0]
            guard let table = catalog.table(of: mutation.resource), let found = diagnosis?.rows else {
                return .alone(isHeld: false)
            }
            let verdict =
                if let error { table.verdict(of: mutation.change, after: error, found: found) } else {
                    table.verdict(of: mutation.change, if: mutation.precondition, found: found)
                }
            switch verdict {
            case .done(let written): return .answer(.success(.committed([written])))
            case .refused(let reason): return .answer(.success(.refused(Refusal(mutation: 0, reason))))
            case .unclear: return .alone(isHeld: false)
            }
        }
    }

    private func uncommitted(_ standings: [Standing], _ error: PostgresError?) async -> [Outcome] {
        let error = error ?? .lost("the commit was not answered")
        guard error.isLoss else {
            // The commit was not tried, or has failed.
            let exchange = Exchange(on: connection)
            exchange.add(commands.rollback)
            _ = await exchange.results()
            return standings.map { _ in .alone(isHeld: false) }
        }
        connection.lose(error)
        return standings.map { standing in
            switch standing {
            case .written: .answer(.failure(.outcomeUnknown(error.description)))
            case .settled(.answer(let answer)): .answer(answer)
            case .settled, .toDiagnose, .claimedForNothing: .lost(error)
            }
        }
    }
}

extension ArraySlice<StepResult> {
    var firstError: (place: Int, error: PostgresError)? {
        for place in indices {
            if let error = self[place].error { return (place, error) }
        }
        return nil
    }
}

extension PostgresError {
    /// By itself, and with more time, a transaction may well go that this stood against.
    var isWorthAnotherTry: Bool {
        isLockTimeout || isTransient || isCancellation || isTooDeep || wantsPreparation
    }
}

extension Idempotency {
    func claim(at time: Timestamp) -> Parameters {
        var parameters = Parameters()
        parameters.append(scopeBytes)
        parameters.append(Int64(bitPattern: fingerprint))
        parameters.append(time)
        return parameters
    }
}
