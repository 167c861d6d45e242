import NIOCore

/// The request that a connection is serving.
struct Exchange {
    var method = HTTPMethod.unknown
    /// Of the path that was found, for the log.
    var pattern: String?
    var handler: (any RequestHandler)?
    /// The start of a path that leads nowhere, for the log.
    var unservedPath: String?
    var requestID: String
    var origin: CrossOrigin.Match
    /// It is a browser's question what its page may send.
    var isPreflight = false
    var started: NIODeadline
    /// What is left to do, or why it isn't done.
    var work: Result<RequestWork, Rejection>
    /// Memory that ``work`` takes, where it may be much.
    var parsedBytes = 0
    /// Another request may follow on the connection.
    var isPersistent = true

    var isAboutHealth: Bool { handler?.isAboutHealth == true }
    var takesBody: Bool { handler?.body != nil }

    /// For what fails before its head is whole.
    init(requestID: String, _ rejection: Rejection, from origin: CrossOrigin.Match = .absent) {
        self.requestID = requestID
        self.origin = origin
        started = .now()
        work = .failure(rejection)
    }

    init(_ head: RequestHead, requestID: String) {
        method = head.method
        self.requestID = requestID
        origin = head.origin
        isPreflight = head.method == .options && head.asksForPermission && head.origin != .absent
        started = .now()
        isPersistent = head.isPersistent
        work = .success(.none)
    }
}
