public import MartletModel

extension Application {
    /// How long a response to an invalid body waits for the check of its references.
    private static let referenceCheckTimeout = Duration.seconds(1)

    /// Adds what only the storage can tell of a body that isn't valid: which of its references lead to no record. Both are 422,
    /// so a client learns of them together. Nothing is written, and records are read by their keys alone.
    ///
    /// ``write(_:_:)`` does this by itself. A transport does it for a body that it has refused before.
    /// - Returns: the problem as it is when there are none, or when the storage can't say so in time.
    public func addingDanglingReferences(
        to problem: Problem, _ context: RequestContext
    ) async -> Problem {
        let references = problem.uncheckedReferences.filter(canBeDangling)
        guard !references.isEmpty else { return problem }
        let keys = Dictionary(grouping: references, by: \.resource).mapValues { Set($0.map(\.key)) }
        let found = await result(of: { await self.existing(keys, context) }, within: Self.referenceCheckTimeout)
        guard let found, let found else { return problem }
        return problem.adding { reference in
            canBeDangling(reference) && found[reference.resource]?.contains(reference.key) != true
        }
    }

    private func canBeDangling(_ reference: UncheckedReference) -> Bool {
        guard let resource = resources[reference.resource] else { return false }
        return !reference.mayBeMade || resource.key.key != .assigned
    }

    /// Those of the keys, by resource, that records have. Nil when the storage fails.
    private func existing(
        _ keys: [String: Set<Key>], _ context: RequestContext
    ) async -> [String: Set<Key>]? {
        var found: [String: Set<Key>] = [:]
        for (name, keys) in keys.sorted(by: { $0.key < $1.key }) {
            guard let resource = resources[name] else { continue }
            var rest = keys.sorted()[...]
            while !rest.isEmpty {
                var query = Query.records(
                    Array(rest.prefix(Filter.mostValues)), of: resource, columns: [resource.keyIndex])
                query.reservation = context.reservation
                guard let rows = try? await storage.rows(for: query, context) else { return nil }
                found[name, default: []].formUnion((0..<rows.count).compactMap { resource.key(ofRow: $0, in: rows) })
                rest = rest.dropFirst(Filter.mostValues)
            }
        }
        return found
    }
}
