public import MartletModel

/// A resource's records, one by one. Pages are fetched as they are needed; each iteration starts at the first.
///
/// ```swift
/// for try await user in users.list() { … }
/// ```
public struct RecordSequence<M: Model>: AsyncSequence, Sendable {
    public typealias Element = M
    public typealias Failure = MartletError

    /// The same records, page by page.
    public let pages: PageSequence<M>

    public func makeAsyncIterator() -> Iterator {
        Iterator(pages: pages.makeAsyncIterator())
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pages: PageSequence<M>.Iterator
        var page: [M].Iterator = [].makeIterator()

        /// The next record, or nil behind the last. After an error, the same page is tried again.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(MartletError) -> M? {
            while true {
                if let record = page.next() { return record }
                guard let records = try await pages.next(isolation: actor) else { return nil }
                page = records.makeIterator()
            }
        }
    }
}
