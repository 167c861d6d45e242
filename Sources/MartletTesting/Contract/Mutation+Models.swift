import MartletKernel
import MartletModel

/// Mutations of a model's records.
extension Mutation {
    static func insert<M: Model>(_ record: M) throws(Problem) -> Mutation {
        Mutation(M.resource, .insert(try record.insertion()))
    }

    static func update<M: Model>(
        _ key: Key, _ assignments: Assignment<M>..., if precondition: Precondition = .none
    ) throws(Problem) -> Mutation {
        Mutation(M.resource, .update(key, try Assignment.validated(assignments)), if: precondition)
    }

    /// An update of nothing.
    static func untouched<M: Model>(
        _: M.Type, _ key: Key, if precondition: Precondition = .none
    ) throws(Problem) -> Mutation {
        Mutation(M.resource, .update(key, try Assignment<M>.validated([])), if: precondition)
    }

    static func upsert<M: Model>(_ record: M, if precondition: Precondition = .none) throws(Problem) -> Mutation {
        let row = try ValidatedRow(record.draft, M.resource, for: .replace(record.key, isCreating: true))
        return Mutation(M.resource, .upsert(record.key, row), if: precondition)
    }

    static func delete<M: Model>(_: M.Type, _ key: Key, if precondition: Precondition = .none) -> Mutation {
        Mutation(M.resource, .delete(key), if: precondition)
    }
}

/// Changes of an ``Item``.
extension Mutation.Change {
    static func insert(_ item: Item) throws(Problem) -> Self {
        .insert(try item.insertion())
    }

    static func update(_ key: Int64, _ assignments: Assignment<Item>...) throws(Problem) -> Self {
        .update(.integer(key), try Assignment.validated(assignments))
    }

    static func delete(_ key: Int64) -> Self {
        .delete(.integer(key))
    }
}
