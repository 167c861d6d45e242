import NIOCore

/// Takes one request's body off its connection's input.
enum BodyReader {
    /// A body of known length that is wanted: it is taken in one piece, once it is all there.
    case whole(length: Int)
    /// A body of known length that only has to pass by.
    case discarded(left: Int)
    case chunked(ChunkedBody)

    /// Bytes of the body that it has taken off the input and keeps.
    var storedBytes: Int {
        if case .chunked(let body) = self { body.storedBytes } else { 0 }
    }

    /// - Returns: The body once it is complete; empty if it is discarded.
    mutating func read(from input: inout ByteBuffer) throws(Rejection) -> ByteBuffer? {
        switch self {
        case .whole(let length):
            return input.readSlice(length: length)
        case .discarded(let left):
            let passed = min(left, input.readableBytes)
            input.moveReaderIndex(forwardBy: passed)
            self = .discarded(left: left - passed)
            return passed == left ? ByteBuffer() : nil
        case .chunked(var body):
            // Out of the enum while it is worked on, so that its content is not copied.
            self = .discarded(left: 0)
            defer { self = .chunked(body) }
            return try body.read(from: &input) ? body.content : nil
        }
    }
}
