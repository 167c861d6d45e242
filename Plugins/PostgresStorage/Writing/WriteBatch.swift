import MartletKernel
import MartletModel

/// Transactions that share one transaction of the database, and so one round trip and one sync of its disk.
///
/// All are sent without waiting for the first answer: so what a transaction does may not depend on what came of it so far.
/// Each is in a savepoint of its own, or, while nothing goes wrong, none is, which takes the server a third less work: an
/// error then undoes all of the batch, which is done again with savepoints. Where one is refused, what stood against it is
/// looked up after the commit, for all of the batch at once. Where another program's trigger silently skips a change, what it or
/// the same transaction has done beside must not stay: the batch is done again without that transaction.
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
    enum Standing {
        case written([Written])
        /// The one mutation was not done: why, if it was an error.
        case toDiagnose(PostgresError?)
        /// The one mutation had no effect, and there is a claim.
        case claimedForNothing
        /// An insert had no effect, which is never for what is stored: something of others has skipped it.
        case skipped
        case settled(Outcome)

        var isWritten: Bool { if case .written = self { true } else { false } }
        var isSkipped: Bool { if case .skipped = self { true } else { false } }
        /// The record may be as it was to become, another one, or not there; or something of others has skipped the change.
        var isWithoutEffect: Bool {
            switch self {
            case .toDiagnose(nil), .claimedForNothing: true
            default: false
            }
        }
    }

    let catalog: Catalog
    let transactions: [Transaction]
    let connection: Connection
    /// Savepoints are left out at first.
    private let isHopeful: Bool
    var commands: Commands { catalog.commands }

    let progress: CommitProgress

    init(
        _ catalog: Catalog, _ transactions: [Transaction], on connection: Connection, isHopeful: Bool,
        _ progress: CommitProgress
    ) {
        self.progress = progress
        self.catalog = catalog
        self.isHopeful = isHopeful
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
        guard mutations.count > 1 else { return true }
        let areNew = mutations.allSatisfy {
            if case .insert = $0.change { true } else { false }
        }
        // What exceeds the transaction's bound is refused at the mutation with which it does.
        return areNew && mutations.reduce(0) { $0 + $1.mostBytesOfNewRecord } <= transaction.maxBytes
    }

    /// - Returns: what became of each, and whether an error of the database was among it.
    func commit() async -> (outcomes: [Outcome], hasFailed: Bool) {
        // Those that are to be done by themselves.
        var excluded: Set<Int> = []
        var (hasFailed, isRepeated) = (false, false)
        while true {
            let withSavepoints = hasFailed || !isHopeful
            let (results, places) = await run(
                without: excluded, withSavepoints: withSavepoints, afterRollback: isRepeated)
            isRepeated = true
            if let loss = results.loss {
                connection.lose(loss)
                return (transactions.map { _ in .lost(loss) }, true)
            }
            if results[...].firstError != nil {
                hasFailed = true
                guard withSavepoints else { continue }
            }
            // The server has done these, and each transaction's savepoint is released: only all of the batch can be undone.
            if results.contains(where: { $0.error?.isOfReading == true }) {
                let exchange = Exchange(on: connection)
                exchange.add(commands.rollback)
                _ = await exchange.results()
                return (transactions.map { _ in .alone(isHeld: false) }, true)
            }
            let standings = transactions.indices.map { index in
                excluded.contains(index)
                    ? .settled(.alone(isHeld: false)) : standing(of: transactions[index], results[places[index]])
            }
            let skipped = standings.indices.filter { standings[$0].isSkipped }
            if !skipped.isEmpty, standings.contains(where: \.isWritten) {
                excluded.formUnion(skipped)
                continue
            }
            if let outcomes = await finish(standings, withSavepoints: withSavepoints) { return (outcomes, hasFailed) }
            // Whose time was over during the attempt to commit has been told that it wasn't done.
            excluded.formUnion(standings.indices.filter { !standings[$0].isWritten })
        }
    }

    /// - Returns: the results of all statements, and which are whose: see ``add(_:to:withSavepoint:)``.
    private func run(
        without excluded: Set<Int>, withSavepoints: Bool, afterRollback: Bool
    ) async -> (results: [StepResult], places: [Range<Int>]) {
        let exchange = Exchange(on: connection)
        if afterRollback { exchange.add(commands.rollback) }
        exchange.add(commands.begin)
        if withSavepoints { exchange.add(commands.savepoint) }
        let places = transactions.indices.map { index in
            excluded.contains(index)
                ? exchange.count..<exchange.count
                : add(transactions[index], to: exchange, withSavepoint: withSavepoints)
        }
        return (await exchange.results(), places)
    }

    /// - Returns: the places of its steps' results: that of the claim, if there is one, one for each mutation, and those of
    ///   its savepoint's end.
    private func add(
        _ transaction: Transaction, to exchange: Exchange, withSavepoint: Bool
    ) -> Range<Int> {
        if withSavepoint { exchange.add(commands.rollbackToSavepoint) }
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
        guard withSavepoint else { return first..<exchange.count }
        exchange.add(commands.release)
        exchange.add(commands.savepoint)
        exchange.endStretch()
        // Only with its savepoint released it stays, whatever comes of the next.
        return first..<exchange.count
    }

    private func standing(of transaction: Transaction, _ results: ArraySlice<StepResult>) -> Standing {
        let claims = transaction.idempotency == nil ? 0 : 1
        if let (place, error) = results.firstError {
            // The claim: it was done before, or is being done.
            let isClaim = place - results.startIndex < claims
            let isMutation = !isClaim && place - results.startIndex < claims + transaction.mutations.count
            // What the values have met is looked into there too.
            let isUnknown = error.isOfValues && !error.isUniqueViolation && !error.isReferenceViolation
            if !isMutation || transaction.mutations.count > 1 || error.isWorthAnotherTry || isUnknown {
                return .settled(.alone(isHeld: error.isLockTimeout && isMutation))
            }
            return error.isUniqueViolation || error.isReferenceViolation
                ? .toDiagnose(error) : .settled(.answer(.failure(StorageError(error))))
        }
        var written: [Written] = []
        for (mutation, result) in zip(transaction.mutations, results.dropFirst(claims)) {
            guard let table = catalog.table(of: mutation.resource), let rows = result.rows,
                case .done(let record) = table.verdict(
                    of: mutation.change, if: mutation.precondition, returning: rows)
            else {
                if case .insert = mutation.change { return .skipped }
                return claims == 0 ? .toDiagnose(nil) : .claimedForNothing
            }
            written.append(record)
        }
        return .written(written)
    }
}

extension Mutation {
    /// Bytes that a new record has at most: what its row leaves open becomes a default.
    fileprivate var mostBytesOfNewRecord: Int {
        resource.fields.reduce(change.row?.cells.valueByteCount ?? 0) { $0 + ($1.defaultCell?.valueByteCount ?? 0) }
    }
}

extension [StepResult] {
    var loss: PostgresError? { lazy.compactMap(\.error).first(where: \.isLoss) }
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
        isLockTimeout || isConflict || isCancellation || isTooDeep || wantsPreparation
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
