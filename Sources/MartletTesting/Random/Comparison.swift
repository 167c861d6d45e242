/// Runs sequences on two storages, and shortens one that fails.
struct Comparison {
    let makeStorage: StorageContract.Maker
    let makeReference: StorageContract.Maker

    /// A sequence whose last step got different answers.
    struct Failure: CustomStringConvertible {
        let steps: [RandomStep]
        let expected: Answer
        let actual: Answer

        var description: String {
            "the answers differ\n  expected: \(expected)\n  got:      \(actual)"
        }
    }

    /// The sequence up to the first step whose answers differ; nil when none do.
    func run(_ steps: some Sequence<RandomStep>) async throws -> Failure? {
        try await Database(make: makeStorage, clause: "").open { storage in
            try await Database(make: makeReference, clause: "").open { reference in
                var (subject, reference) = (Replay(storage.storage), Replay(reference.storage))
                var done: [RandomStep] = []
                for step in steps {
                    // A storage in memory never waits, and other tests want their turn.
                    if done.count % 16 == 0 { await Task.yield() }
                    done.append(step)
                    let (expected, actual) = (await reference.perform(step), await subject.perform(step))
                    guard expected == actual else {
                        return Failure(steps: done, expected: expected, actual: actual)
                    }
                }
                return nil
            }
        }
    }

    /// Drops steps, as long as it still fails: first those that should have nothing to do with it, then the oldest, then by
    /// halves of the sequence and one by one at last.
    func shrink(_ failure: Failure) async throws -> Failure {
        var failure = failure
        if let smaller = try await run(StepSlice.ofLast(failure.steps)) { failure = smaller }
        if let smaller = try await run(failure.steps.dropLast().filter(\.isTransaction) + failure.steps.suffix(1)) {
            failure = smaller
        }
        var length = 2
        while length < failure.steps.count {
            if let smaller = try await run(failure.steps.suffix(length)) { failure = smaller }
            length *= 2
        }
        var chunk = failure.steps.count / 2
        // A bound on how long a failing test takes; what is left then is merely longer.
        var stepsLeft = 100_000
        while chunk > 0 {
            var start = 0
            while start + chunk < failure.steps.count, stepsLeft > 0 {
                var candidate = failure.steps
                candidate.removeSubrange(start..<start + chunk)
                stepsLeft -= candidate.count
                if let smaller = try await run(candidate) { failure = smaller } else { start += chunk }
            }
            chunk /= 2
        }
        return failure
    }
}
