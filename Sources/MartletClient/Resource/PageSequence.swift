public import MartletModel

/// A resource's records, page by page. Each iteration starts at the first page.
public struct PageSequence<M: Model>: AsyncSequence, Sendable {
    public typealias Element = [M]
    public typealias Failure = MartletError

    let client: MartletClient
    /// Of the first page.
    let path: Result<String, MartletError>

    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, next: .path(path))
    }

    public struct Iterator: AsyncIteratorProtocol {
        enum Place {
            case path(Result<String, MartletError>)
            case url(String)
            case end
        }

        let client: MartletClient
        var next: Place

        /// The next page, or nil behind the last. After an error, the same page is tried again.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(MartletError) -> [M]? {
            let url: String
            switch next {
            case .path(let path): url = try client.base.url(of: path.get())
            case .url(let text): url = text
            case .end: return nil
            }
            let response = try await client.answer(to: .read(""), at: url, expecting: [200])
            let records = try response.records(of: M.self, to: .get)
            next = try place(after: response, from: url)
            return records
        }

        /// Where the next page is. A link that can't be followed is an error: to stop there would look like the end.
        private func place(after response: ClientResponse, from url: String) throws(MartletError) -> Place {
            let links = Link.all(in: response.headers)
            guard let link = links.first(where: { $0.has(relation: "next") }) else { return .end }
            guard let target = client.base.resolve(link.target, from: url) else {
                throw .invalidResponse(
                    "the next page's link leads to another server: \(link.target)", mayHaveTakenEffect: false)
            }
            guard target != url else {
                throw .invalidResponse("the next page's link leads to the same page", mayHaveTakenEffect: false)
            }
            return .url(target)
        }
    }
}
