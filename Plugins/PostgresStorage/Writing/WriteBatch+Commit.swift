import MartletKernel
import MartletModel

/// The commit, and behind it what is still to be known.
extension WriteBatch {
    func finish(_ standings: [Standing], withSavepoints: Bool) async -> [Outcome] {
        let exchange = Exchange(on: connection)
        if withSavepoints { exchange.add(commands.rollbackToSavepoint) }
        for (transaction, standing) in zip(transactions, standings) { settle(transaction, standing, in: exchange) }
        let commit = exchange.count
        let areWritten = standings.map { if case .written = $0 { true } else { false } }
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
            case .settled, .toDiagnose, .claimedForNothing: .lost(error)
            }
        }
    }
}
