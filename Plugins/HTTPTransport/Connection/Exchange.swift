import NIOCore

/// The request that a connection is serving.
struct Exchange {
    var method = HTTPMethod.unknown
    var site: Site?
    var requestID: String
    var started: NIODeadline
    var plan: Result<Plan, Rejection>
    var minorVersion = 1
    /// Another request may follow on the connection.
    var isPersistent = true

    /// For what fails before its head is whole.
    init(requestID: String, _ rejection: Rejection) {
        self.requestID = requestID
        started = .now()
        plan = .failure(rejection)
    }

    init(_ head: RequestHead, requestID: String) {
        method = head.method
        self.requestID = requestID
        started = .now()
        minorVersion = head.minorVersion
        isPersistent = head.isPersistent
        plan = .success(.liveness)
    }
}
