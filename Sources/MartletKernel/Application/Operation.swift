public import MartletModel

/// What a client asks for, in no protocol's terms.
public enum Operation: Sendable {
    case read(ResourceSchema, Key, expanding: [Expansion] = [])
    case list(ListRequest)
    case write(Write)
}

/// A page of a list, as a client asks for it.
public struct ListRequest: Sendable {
    public let resource: ResourceSchema
    public var filter = Filter.all
    /// What the client sorts by; the key decides what it leaves open.
    public var sort: [SortTerm] = []
    /// ``Page/next`` of the page before; nil for the first page.
    public var after: RowBatch?
    public var limit: Int
    /// The columns that are answered, ascending; the version's can be among them. Nil is every field.
    public var columns: [Int]?
    /// Whether the records of all pages are counted.
    public var isCounted = false
    public var expansions: [Expansion] = []
    /// What logs call it: a route.
    public var origin: String?

    public init(_ resource: ResourceSchema, limit: Int) {
        self.resource = resource
        self.limit = limit
    }

    /// By which its pages are told apart.
    public var order: [SortTerm] { resource.totalOrder(sort) }
}

/// A reference whose records are shown in its place.
public struct Expansion: Sendable {
    /// The reference's column.
    public let column: Int
    /// What it refers to.
    public let target: ResourceSchema
    /// References of those records that are expanded too.
    var nested: [Expansion]
}

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

/// What became of an ``Operation``. What failed is a `Problem` instead.
public enum Outcome: Sendable, Equatable {
    /// One row: the record.
    case record(RowBatch, embedded: [EmbeddedRecords] = [])
    case page(Page)
    /// What became of each mutation.
    case written([Written])
}

/// A part of a list.
public struct Page: Sendable, Equatable {
    /// The cells of fields that were not asked for may be absent.
    public var rows: RowBatch
    /// If there are more records: what a ``ListRequest`` for them begins after.
    public var next: RowBatch?
    /// How many records all pages have, if that was asked for.
    public var total: Int?
    public var embedded: [EmbeddedRecords] = []

    public init(_ rows: RowBatch, next: RowBatch? = nil) {
        self.rows = rows
        self.next = next
    }

    /// As many bytes as the texts of ``next`` may have together: it travels in a URL.
    public static let mostBytesOfNext = 3072
}
