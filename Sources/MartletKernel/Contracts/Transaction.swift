public import MartletModel

/// What to write, as a value: it commits whole or not at all. There is no interactive transaction, so a storage may
/// put many of them into one commit of its database.
public struct Transaction: Sendable {
    public let mutations: [Mutation]
    /// When it is: what managed fields get, and what the age of idempotency entries is counted to.
    public let time: Timestamp
    /// What makes it happen once, however often it is sent.
    public let idempotency: Idempotency?
    /// How many bytes the records that it writes, and those that it deletes, may have together. References to earlier results
    /// can multiply what a client has sent. A transaction of one record isn't bound by it.
    public var maxBytes = Transaction.defaultMaxBytes

    /// Holds the bytes of the records that it writes and answers, as long as they are in memory: ``TransactionResults`` grows it,
    /// and refuses the transaction when it can't. Nil: they aren't counted.
    public var reservation: BufferReservation?

    /// 16 MiB.
    public static let defaultMaxBytes = 16 << 20

    public init(_ mutations: [Mutation], at time: Timestamp, idempotency: Idempotency? = nil) {
        self.mutations = mutations
        self.time = time
        self.idempotency = idempotency
    }
}

/// A client's word that two transactions are the same one.
public struct Idempotency: Sendable, Equatable {
    /// Who does what under which key. Two that are equal are one.
    public let scope: String
    /// What is asked for: under one scope always the same, else it is a client's mistake.
    public let fingerprint: UInt64
    /// What an earlier version of the transport called the scope: entries that it has left are known, too. Storages don't look
    /// at it.
    public let formerScope: String?

    public init(scope: String, fingerprint: UInt64, formerScope: String? = nil) {
        self.scope = scope
        self.fingerprint = fingerprint
        self.formerScope = formerScope
    }

    /// How long a committed transaction is known: 24 hours, in microseconds.
    public static let lifetime: Int64 = 24 * 3600 * 1_000_000
    /// The age in microseconds at which entries are dropped while nobody asks for them. It is an hour more than ``lifetime``:
    /// an entry's age is that of the transaction that asks for it, whose time was taken a little before.
    package static let purgeAge = lifetime + 3_600_000_000
}

/// How a commit ended.
public enum CommitResult: Sendable, Equatable {
    /// All is durable: what became of each mutation.
    case committed([Written])
    /// The same transaction was committed before, and this is what became of it then. Nothing was changed now.
    case replayed([Written])
    /// Nothing was changed: what stood against it, ascending by mutation, as ``TransactionResults`` defines.
    case refused([Refusal])
}

/// What became of one mutation.
public struct Written: Sendable, Equatable {
    /// One row: the record as it is now, or as it was when it was deleted.
    public let record: RowBatch
    /// The record was made by this mutation.
    public let isNew: Bool

    public init(_ record: RowBatch, isNew: Bool) {
        self.record = record
        self.isNew = isNew
    }
}

/// Why a mutation can't be done.
public struct Refusal: Sendable, Equatable {
    /// How many of one transaction are looked for: one more than a response lists, which tells that there are more.
    public static let maxCount = Problem.maxErrors + 1

    public enum Reason: Sendable, Equatable {
        /// No record has this key.
        case notFound
        /// The record isn't in the version that was meant, or is there where none must be.
        case preconditionFailed
        /// Other records have the values of these fields (columns of the schema, ascending): every one that is taken, of
        /// a set of fields all.
        case uniqueTaken([Int])
        /// The records that these fields refer to are not there (columns of the schema, ascending).
        case referenceMissing([Int])
        /// Fields of other records refer to the one that is to be deleted, or to one that would go with it, and keep it
        /// from that: every one of them, in the order of their resources' names and of their schemas.
        case stillReferenced([Referrer])
        /// A value that comes from an earlier mutation's record is none that its field takes.
        case invalid([FieldError])
        /// A constraint or a trigger of the database that the resources don't have stands against it. The columns of the
        /// schema are those that it is about (ascending; none where that isn't known). The text names it, for the client, as
        /// it follows "The database doesn't take this:".
        case rejected([Int], String)
        /// With this mutation the records of the transaction have more than ``Transaction/maxBytes``.
        case tooLarge(maxBytes: Int)
        /// ``Transaction/reservation`` has no room for the transaction's records. It is the only refusal then.
        case overloaded
        /// The transaction's idempotency scope is known with another fingerprint.
        case idempotencyKeyReused
        /// The transaction's idempotency scope is known: it was committed before. What became of it can't be answered again, as
        /// the mutation's resource has other fields since then. With the key of the mutation's record, where that is known.
        case alreadyDone(Key?)
        /// A transaction of the same idempotency scope is under way, and it isn't known yet what becomes of it.
        case idempotencyKeyInUse
    }

    /// A field whose value is another record's key.
    public struct Referrer: Sendable, Equatable {
        public let resource: String
        public let field: String

        public init(resource: String, field: String) {
            self.resource = resource
            self.field = field
        }
    }

    /// The mutation's place in ``Transaction/mutations``.
    public let mutation: Int
    public let reason: Reason

    public init(mutation: Int, _ reason: Reason) {
        self.mutation = mutation
        self.reason = reason
    }
}
