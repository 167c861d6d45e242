public import MartletModel

/// What to write, as a value: it commits whole or not at all. There is no interactive transaction, so a storage may
/// put many of them into one commit of its database.
public struct Transaction: Sendable {
    public let mutations: [Mutation]

    public init(_ mutations: [Mutation]) {
        self.mutations = mutations
    }

    public init(_ mutation: Mutation) {
        self.init([mutation])
    }
}

/// One change of one record.
public struct Mutation: Sendable {
    public enum Change: Sendable, Equatable {
        /// Makes a record and its key.
        case insert(ValidatedRow)
        /// Sets the fields of the record with this key that are not absent in the row.
        case update(Key, ValidatedRow)
        /// Removes the record with this key.
        case delete(Key)
    }

    public let resource: ResourceSchema
    public let change: Change

    public init(_ resource: ResourceSchema, _ change: Change) {
        self.resource = resource
        self.change = change
    }
}

/// How a commit ended.
public enum CommitResult: Sendable, Equatable {
    /// All is durable. One batch for each mutation, of one row: the record as it is now, or as it was when it was deleted.
    case committed([RowBatch])
    /// Nothing was changed.
    case refused(Refusal)
}

/// Why a transaction was refused: its first mutation that could not be done, and what stood against it.
public struct Refusal: Sendable, Equatable {
    public enum Reason: Sendable, Equatable {
        /// No record has this key.
        case notFound
        /// Other records have the values of these fields (columns of the schema, ascending): every one that is taken.
        case uniqueTaken([Int])
    }

    /// The mutation's place in ``Transaction/mutations``.
    public let mutation: Int
    public let reason: Reason

    public init(mutation: Int, _ reason: Reason) {
        self.mutation = mutation
        self.reason = reason
    }
}
