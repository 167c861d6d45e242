/// The header fields that the server acts on.
enum FieldName {
    case accept, connection, contentEncoding, contentLength, contentType, expect, host, transferEncoding, requestID
    case idempotencyKey, ifMatch, ifNoneMatch, ifUnmodifiedSince, prefer
    case origin, accessControlRequestMethod
    case other

    init(_ name: UnsafeRawBufferPointer) {
        self =
            switch name.count {
            case 4 where name.equalsIgnoringCase("host"): .host
            case 6 where name.equalsIgnoringCase("accept"): .accept
            case 6 where name.equalsIgnoringCase("expect"): .expect
            case 6 where name.equalsIgnoringCase("prefer"): .prefer
            case 6 where name.equalsIgnoringCase("origin"): .origin
            case 8 where name.equalsIgnoringCase("if-match"): .ifMatch
            case 10 where name.equalsIgnoringCase("connection"): .connection
            case 12 where name.equalsIgnoringCase("content-type"): .contentType
            case 12 where name.equalsIgnoringCase("x-request-id"): .requestID
            case 13 where name.equalsIgnoringCase("if-none-match"): .ifNoneMatch
            case 14 where name.equalsIgnoringCase("content-length"): .contentLength
            case 15 where name.equalsIgnoringCase("idempotency-key"): .idempotencyKey
            case 16 where name.equalsIgnoringCase("content-encoding"): .contentEncoding
            case 17 where name.equalsIgnoringCase("transfer-encoding"): .transferEncoding
            case 19 where name.equalsIgnoringCase("if-unmodified-since"): .ifUnmodifiedSince
            case 29 where name.equalsIgnoringCase("access-control-request-method"): .accessControlRequestMethod
            default: .other
            }
    }
}
