/// What the server needs to know of a request's head.
struct RequestHead {
    /// How a body is delimited (RFC 9112, section 6).
    enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
    }

    var method = HTTPMethod.unknown
    /// Of HTTP/1: 0 or 1. A higher one counts as 1.
    var minorVersion = 1
    /// Where the target is, counted from the head's first byte.
    var target = 0..<0
    var framing = Framing.none
    /// The connection can serve another request behind this one.
    var isPersistent = true
    /// The client asks for this to be the connection's last request.
    var isClosing = false
    /// The client waits for 100 (Continue) before it sends the body.
    var expectsContinue = false
    /// It expects something that HTTP doesn't know.
    var hasUnknownExpectation = false
    var acceptance = Acceptance()
    var mediaType = MediaType.none
    /// How the body is compressed, or otherwise no plain JSON.
    var contentEncoding: String?
    /// The client's own id for the request, if it is a sane one.
    var requestID: String?
    /// Whose page has made the request; told if pages of other origins may.
    var origin = CrossOrigin.Match.absent
    /// With OPTIONS: a browser asks what it may send (a preflight).
    var asksForPermission = false
    /// Which versions of the record the client means, and which representations it has.
    var ifMatch: EntityTags?
    var ifNoneMatch: EntityTags?
    /// Of what a write is to answer.
    var preference: Preference?
    /// Whether a field has said so already, in words known or not.
    var hasPreference = false
    /// The client's name for this write.
    var idempotencyKey: String?
    /// Of the fields that make two writes under one name different ones.
    var fingerprint = Fingerprint()
    /// Which of the fields that the request depends on are there, and which of these can't be read.
    var conditions: ConditionFields = []
    var malformedConditions: ConditionFields = []

    /// All fields in their order, for who asks for them: most requests' handlers don't.
    /// - Parameter bytes: the head, which was parsed before.
    func fields(in bytes: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        var start = target.upperBound
        while let end = bytes.next(UInt8(ascii: "\n"), from: start) {
            let line = bytes.slice(start..<max(start, end - 1))
            // The first is the rest of the request line, the last is empty.
            if start > target.upperBound, let field = try? FieldLine(line) {
                fields.append((field.name.text, field.value.text))
            }
            start = end + 1
        }
        return fields
    }
}
