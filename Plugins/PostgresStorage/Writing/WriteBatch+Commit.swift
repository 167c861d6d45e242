import MartletKernel
import MartletModel

/// The commit, and behind it what is still to be known.
extension WriteBatch {
    /// - Returns: nil when nothing was committed, as others may have skipped a change: what they have done instead would stay.
    func finish(_ standings: [Standing], withSavepoints: Bool) async -> [Outcome]? {
        let exchange = Exchange(on: connection)
        if withSavepoints { exchange.add(commands.rollbackToSavepoint) }
        for (transaction, standing) in zip(transactions, standings) { settle(transaction, standing, in: exchange) }
        let areWritten = standings.map(\.isWritten)
        let checks = exchange.count
        if areWritten.contains(true) { addChecks(of: standings, to: exchange) }
        let commit = exchange.count
        // Where nothing stays, also a commit waits for a synchronous standby, as the server had begun to write.
        exchange.add(areWritten.contains(true) ? commands.commit : commands.rollback)
        var diagnoses: [Int: Int] = [:]
        for (index, standing) in standings.enumerated() {
            guard case .toDiagnose(let error) = standing, let diagnosis = diagnosis(of: index, after: error) else {
                continue
            }
            if diagnoses.isEmpty { exchange.endStretch() }
            diagnoses[index] = exchange.count
            exchange.add(diagnosis.statement, diagnosis.parameters, returning: diagnosis.tags)
        }
        progress.beginCommit(of: areWritten)
        let results = await exchange.results()
        if case .done = results[commit] {
            return standings.indices.map { outcome(of: $0, standings[$0], diagnoses[$0].map { results[$0] }) }
        }
        if let error = results[checks..<commit].firstError?.error, !error.isLoss {
            progress.endAttempt()
            return nil
        }
        return await uncommitted(standings, results[...commit].firstError?.error)
    }

    /// Keeps the commit from being done where a change without effect may have been skipped.
    private func addChecks(of standings: [Standing], to exchange: Exchange) {
        var doubts: [ObjectIdentifier: (table: Table, bits: Int64)] = [:]
        for (transaction, standing) in zip(transactions, standings) where standing.isWithoutEffect {
            for mutation in transaction.mutations {
                guard let table = catalog.table(of: mutation.resource) else { continue }
                doubts[ObjectIdentifier(table), default: (table, 0)].bits |= mutation.change.suppressorBits
            }
        }
        for (table, bits) in doubts.values { exchange.add(commands.failIfSuppressed, table.suppression(of: bits)) }
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
        case .claimedForNothing, .skipped: return .alone(isHeld: false)
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
            case .refused(let reason): return .answer(.success(.refused([Refusal(mutation: 0, reason)])))
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
            case .settled, .toDiagnose, .claimedForNothing, .skipped: .lost(error)
            }
        }
    }
}
