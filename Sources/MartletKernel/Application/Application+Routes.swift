public import MartletModel

extension Application {
    /// Calls the handler of a plugin's route, for a transport. A handler that takes longer than `application.routeTimeout` is
    /// cancelled, and no longer waited for. What then comes of it is dropped.
    /// - Parameters:
    ///   - input: one row of the endpoint's input, checked.
    ///   - headerFields: all of the request, in its order.
    /// - Throws: what the handler throws. After the timeout, `unavailable` where the endpoint's method only reads; else
    ///   `outcome_unknown`, as a write of the handler may have been committed.
    public func call(
        _ route: Route, _ input: RowBatch, _ context: RequestContext, idempotency: Idempotency? = nil,
        headerFields: RequestFields = RequestFields()
    ) async throws(Problem) -> RouteResponse {
        var context = context
        if route.streamedType == nil { context.deadline = context.deadline(within: routeTimeout) }
        let request = RouteRequest(
            application: self, context: context, idempotency: idempotency, headerFields: headerFields)
        let work = { @Sendable () async -> Result<RouteResponse, Problem> in
            do throws(Problem) {
                return .success(try await route.handler(input, request))
            } catch {
                return .failure(error)
            }
        }
        // A handler that computes for long, or blocks, doesn't hold up the connections of the caller's event loop.
        let result = await result(of: work, within: routeTimeout, startsHere: false)
        if let response = result { return try response.get() }
        throw timeoutProblem(of: route.endpoint)
    }

    private func timeoutProblem(of endpoint: EndpointDescription) -> Problem {
        // 503 says that nothing was done, so that clients try again without a key.
        var problem =
            endpoint.method == .get
            ? Problem(.unavailable, "It took longer than allowed.", retryAfter: .seconds(1))
            : Problem(.outcomeUnknown, "It took longer than allowed. What it was to change may have been changed.")
        problem.cause =
            "the handler of \(endpoint.method.rawValue) \(endpoint.path) took longer than application.routeTimeout, "
            + routeTimeout.text
        return problem
    }
}
