extension MartletClient {
    /// Sends a request until it has one of the answers that are expected, as often as the policy allows.
    ///
    /// - Parameters:
    ///   - url: a whole one of the server, instead of the request's path.
    ///   - statuses: the expected ones. But for 204 and 304, the answer is JSON.
    /// - Throws: ``MartletError`` for any other answer too.
    nonisolated(nonsending) func answer(
        to request: ClientRequest, at url: String? = nil, expecting statuses: Set<Int>
    ) async throws(MartletError) -> ClientResponse {
        let target = if let url { url } else { try base.url(of: request.path) }
        let deadline = ContinuousClock.now + (request.deadline ?? configuration.deadline)
        let isRepeatable = request.method.isSafe || request.headers[Self.idempotencyField] != nil
        var (attempt, open) = (1, MartletError?.none)
        while true {
            let failure: MartletError
            do throws(MartletError) {
                let response = try await perform(request, at: target, by: deadline)
                if response.isExpected(statuses) { return response }
                failure = response.failure(of: request.method).following(open)
            } catch {
                failure = error.following(open)
            }
            guard isRepeatable, let delay = configuration.retry.delay(after: failure, attempt: attempt),
                delay < deadline - .now
            else { throw failure }
            if !request.method.isSafe, failure.mayHaveTakenEffect { open = failure }
            try await Self.pause(delay, open)
            attempt += 1
        }
    }

    /// The header that names a write.
    static let idempotencyField = "Idempotency-Key"

    static nonisolated(nonsending) func pause(
        _ delay: Duration, _ open: MartletError? = nil
    ) async throws(MartletError) {
        do {
            try await Task.sleep(for: delay)
        } catch {
            throw .cancelled(mayHaveTakenEffect: open != nil)
        }
    }
}

extension ClientResponse {
    fileprivate func isExpected(_ statuses: Set<Int>) -> Bool {
        statuses.contains(status) && (status == 204 || status == 304 || mediaType == "application/json")
    }
}
