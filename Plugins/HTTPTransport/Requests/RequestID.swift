/// The id that a request's answer and its log line share: the client's own if it is a sane one, else a UUID.
enum RequestID {
    static let maxLength = 128

    /// Whether a client's id can be put into headers, JSON and logs as it is.
    static func isSane(_ id: UnsafeRawBufferPointer) -> Bool {
        (1...maxLength).contains(id.count)
            && id.allSatisfy {
                $0.isLetterOrDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }
}
