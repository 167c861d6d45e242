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
}

// MARK: - Its fields

extension RequestHead {
    /// Reads what a field means for the request, in any version of HTTP. What the version's codec needs itself is left to it:
    /// how the body is delimited, whom the request is for, and what becomes of the connection.
    /// - Parameter crossOrigin: nil when no page of another origin is let in.
    mutating func add(
        _ name: FieldName, _ value: UnsafeRawBufferPointer, _ crossOrigin: CrossOrigin?
    ) throws(Rejection) {
        switch name {
        case .accept: acceptance.add(value)
        case .contentType:
            guard mediaType == .none else { throw .malformed("Content-Type is given twice.") }
            mediaType = MediaType(value)
        case .contentEncoding: if !value.equalsIgnoringCase("identity") { contentEncoding = value.text }
        case .requestID: requestID = RequestID.isSane(value) ? value.text : nil
        case .prefer: addPreference(value)
        case .ifMatch: addIfMatch(value)
        case .ifNoneMatch: addIfNoneMatch(value)
        case .ifUnmodifiedSince: conditions.insert(.ifUnmodifiedSince)
        case .idempotencyKey: addIdempotencyKey(value)
        case .origin: if let crossOrigin { origin = crossOrigin.match(value, behind: origin) }
        case .accessControlRequestMethod: asksForPermission = true
        case .host, .contentLength, .transferEncoding, .connection, .expect, .other: break
        }
    }
}

/// What the request depends on. A value that can't be read is remembered, and refused once it is known that the field matters
/// on its route.
extension RequestHead {
    private mutating func addIfMatch(_ value: UnsafeRawBufferPointer) {
        fingerprint.add(.ifMatch, value)
        ifMatch = EntityTags(value, behind: ifMatch)
        note(.ifMatch, isValid: ifMatch != nil)
    }

    private mutating func addIfNoneMatch(_ value: UnsafeRawBufferPointer) {
        fingerprint.add(.ifNoneMatch, value)
        ifNoneMatch = EntityTags(value, behind: ifNoneMatch)
        note(.ifNoneMatch, isValid: ifNoneMatch != nil)
    }

    private mutating func addIdempotencyKey(_ value: UnsafeRawBufferPointer) {
        let isFirst = !conditions.contains(.idempotencyKey)
        idempotencyKey = IdempotencyKey.read(value)
        note(.idempotencyKey, isValid: isFirst && idempotencyKey != nil)
    }

    private mutating func addPreference(_ value: UnsafeRawBufferPointer) {
        fingerprint.add(.prefer, value)
        guard !hasPreference, let preference = Preference.read(value) else { return }
        (self.preference, hasPreference) = (preference, true)
    }

    private mutating func note(_ field: ConditionFields, isValid: Bool) {
        conditions.insert(field)
        if !isValid { malformedConditions.insert(field) }
    }
}
