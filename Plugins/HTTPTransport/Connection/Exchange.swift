import NIOCore

/// The request that a connection is serving.
struct Exchange {
    var method = HTTPMethod.unknown
    var site: Site?
    /// The start of a path that leads nowhere, for the log.
    var unservedPath: String?
    var requestID: String
    var origin: CrossOrigin.Match
    /// It is a browser's question what its page may send.
    var isPreflight = false
    var started: NIODeadline
    var plan: Result<Plan, Rejection>
    var minorVersion = 1
    /// Memory that the plan takes, where it may be much.
    var parsedBytes = 0
    /// Another request may follow on the connection.
    var isPersistent = true

    /// For what fails before its head is whole.
    init(requestID: String, _ rejection: Rejection, from origin: CrossOrigin.Match = .absent) {
        self.requestID = requestID
        self.origin = origin
        started = .now()
        plan = .failure(rejection)
    }

    init(_ head: RequestHead, requestID: String) {
        method = head.method
        self.requestID = requestID
        origin = head.origin
        isPreflight = head.method == .options && head.asksForPermission && head.origin != .absent
        started = .now()
        minorVersion = head.minorVersion
        isPersistent = head.isPersistent
        plan = .success(.liveness)
    }
}
