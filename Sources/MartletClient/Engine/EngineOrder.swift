/// A request on its way to the engine's thread, and whom to tell what became of it. Who takes it out of a queue resumes
/// the continuation: once.
struct EngineOrder: Sendable {
    let id: UInt64
    let request: EngineRequest
    let continuation: CheckedContinuation<Result<ClientResponse, MartletError>, Never>

    func finish(_ result: Result<ClientResponse, MartletError>) {
        continuation.resume(returning: result)
    }
}
