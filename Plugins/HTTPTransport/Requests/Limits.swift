import MartletKernel

/// How large a request may be, and what it is answered.
struct Limits: Sendable {
    /// Bytes of the request's target. A filter of 1,000 UUIDs has 37 KB; a list's next page has its query again, and a cursor of
    /// up to 4 KiB.
    var targetSize = 64 << 10
    /// Bytes of one header field's line.
    var fieldSize = 8 << 10
    /// Bytes of all header field lines.
    var headerSize = 32 << 10
    var fieldCount = 100
    /// Bytes of the body's content.
    var bodySize = 1 << 20
    /// Bytes of the records of a page.
    var pageBytes = Page.defaultMaxBytes

    /// Bytes of the records that one request may write.
    var writeBytes: Int { max(Transaction.defaultMaxBytes, bodySize) }
}
