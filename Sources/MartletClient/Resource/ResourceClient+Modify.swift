import MartletModel

extension ResourceClient {
    /// Reads a record, lets `body` change it, and sends what differs, if nobody else has changed the record meanwhile;
    /// if someone has, all over again from what it then is. So no one's change is lost.
    ///
    /// ```swift
    /// try await accounts.modify(7) { $0.balance += 20 }
    /// ```
    ///
    /// - Parameters:
    ///   - maxAttempts: how often it is tried at the most. Between attempts lies a short pause, which grows.
    ///   - body: called once for each attempt. If it changes nothing, nothing is sent.
    /// - Returns: the record as it is then.
    /// - Throws: ``MartletError``, with the code `precondition_failed` when others were faster each time.
    @discardableResult
    public nonisolated(nonsending) func modify(
        _ key: some KeyValue, maxAttempts: Int = 10, _ body: (inout M) -> Void
    ) async throws(MartletError) -> M {
        var pauses = RetryPolicy()
        (pauses.firstDelay, pauses.maxDelay) = (.milliseconds(10), .milliseconds(500))
        var attempt = 1
        while true {
            let stored = try await fetch(key)
            var changed = stored.record
            body(&changed)
            let draft = Draft(from: stored.record, to: changed)
            if draft.isEmpty { return stored.record }
            do throws(MartletError) {
                return try await patch(path(to: key), draft, WriteTerms(ifMatch: stored.etag))
                    .record(of: M.self, to: .patch)
            } catch {
                guard error.problem?.code == .preconditionFailed, attempt < maxAttempts else { throw error }
            }
            try await MartletClient.pause(pauses.backoff(after: attempt) * Double.random(in: 0...1))
            attempt += 1
        }
    }
}
