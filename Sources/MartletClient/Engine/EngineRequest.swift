/// A request that is ready to be sent: everything in it has been checked.
struct EngineRequest: Sendable {
    let method: HTTPMethod
    let url: String
    let headers: HeaderFields
    let body: [UInt8]?
    let deadline: ContinuousClock.Instant
    let maxResponseSize: Int
}
