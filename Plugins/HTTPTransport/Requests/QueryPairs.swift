/// The parameters of a query, one after the other (the URL standard, section 5.1), with their percent-encoding still on.
struct QueryPairs: Sequence, IteratorProtocol {
    struct Pair {
        /// All of it.
        let text: UnsafeRawBufferPointer
        let name: UnsafeRawBufferPointer
        /// Empty without a `=`.
        let value: UnsafeRawBufferPointer
    }

    private let query: UnsafeRawBufferPointer
    private var start = 0

    /// - Parameter query: an empty one has no parameters.
    init(_ query: UnsafeRawBufferPointer?) {
        self.query = query ?? UnsafeRawBufferPointer(start: nil, count: 0)
        if self.query.isEmpty { start = 1 }
    }

    mutating func next() -> Pair? {
        guard start <= query.count else { return nil }
        let end = query.next(UInt8(ascii: "&"), from: start) ?? query.count
        let text = query.slice(start..<end)
        start = end + 1
        let equals = text.next(UInt8(ascii: "=")) ?? text.count
        return Pair(
            text: text, name: text.slice(0..<equals), value: text.slice(from: Swift.min(equals + 1, text.count)))
    }
}
