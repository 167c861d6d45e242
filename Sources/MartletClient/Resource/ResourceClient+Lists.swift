import MartletModel

extension ResourceClient {
    /// Records, fetched page after page as they are asked for. Records that come or go meanwhile don't disturb the others:
    /// each is given once.
    /// - Parameters:
    ///   - filter: which; all unless given.
    ///   - order: how they are sorted, 8 fields at the most; what is left open, the key decides.
    ///   - limit: the most records in a page; nil leaves it to the server.
    public func list(
        where filter: RecordFilter<M>? = nil, sortedBy order: [RecordOrder<M>] = [], limit: Int? = nil
    ) -> RecordSequence<M> {
        let path = Result { () throws(MartletError) in
            try self.path(filter, order, limit.map { [("limit", String($0))] } ?? [])
        }
        return RecordSequence(pages: PageSequence(client: client, path: path))
    }

    /// How many records there are.
    public func count(where filter: RecordFilter<M>? = nil) async throws(MartletError) -> Int {
        let path = try path(filter, [], [("limit", "1"), ("count", "true")])
        let response = try await client.answer(to: .read(path), expecting: [200])
        guard let total = response.headers["X-Total-Count"].flatMap({ Int($0) }) else {
            throw .invalidResponse("the list comes without X-Total-Count", mayHaveTakenEffect: false)
        }
        return total
    }

    private func path(
        _ filter: RecordFilter<M>?, _ order: [RecordOrder<M>], _ others: [(name: String, value: String)]
    ) throws(MartletError) -> String {
        let resource = M.schema.resource
        var parameters: [(name: String, value: String)] = []
        if let filter {
            guard let value = filter.filter else { throw .invalidRequest(filter.mistake) }
            guard let terms = value.parameters(of: resource) else {
                throw .invalidRequest("a request has one || at the most, and one term of an operator on a field")
            }
            parameters = terms
        }
        var names: [String] = []
        for each in order {
            guard let term = each.term else {
                throw .invalidRequest("\(resource.name) has no field that is read like this")
            }
            names.append((term.isDescending ? "-" : "") + resource.fields[term.column].name)
        }
        if !names.isEmpty { parameters.append(("sort", names.joined(separator: ","))) }
        let query = (parameters + others).map { "\($0.name)=\(PercentEncoding.encode($0.value.utf8))" }.joined(
            separator: "&")
        return query.isEmpty ? path : "\(path)?\(query)"
    }
}
