import MartletModel

/// What is to be written, whole or not at all.
public struct Write: Sendable {
    /// How a client has put it, which decides where its errors point at.
    public enum Form: Sendable {
        /// One mutation; pointers are those of its record.
        case single
        /// Records in an array: `#/0/name`.
        case array
        /// Operations of a batch: `#/operations/0/body/name`.
        case batch
    }

    public let mutations: [Mutation]
    public let form: Form
    public let idempotency: Idempotency?
    /// ``Transaction/maxBytes``.
    public var maxBytes = Transaction.defaultMaxBytes

    public init(_ mutations: [Mutation], _ form: Form, idempotency: Idempotency? = nil) {
        self.mutations = mutations
        self.form = form
        self.idempotency = idempotency
    }

    /// One mutation.
    public init(_ mutation: Mutation, idempotency: Idempotency? = nil) {
        self.init([mutation], .single, idempotency: idempotency)
    }
}

extension Write {
    /// Bytes of what it has been given to write; those that it takes from earlier results come on top.
    var byteCount: Int {
        mutations.reduce(0) { $0 + ($1.change.row?.cells.byteCount ?? 0) }
    }
}

extension Transaction {
    init(_ mutations: [Mutation], of write: Write, at time: Timestamp, _ context: RequestContext) {
        self.init(mutations, at: time, idempotency: write.idempotency)
        (maxBytes, reservation) = (write.maxBytes, context.reservation)
    }
}
