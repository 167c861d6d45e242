public import MartletModel

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
    /// A page ends before the record with which it would have more bytes, those of embedded records included. It has one at
    /// least.
    public var maxBytes = Page.defaultMaxBytes
    /// What logs call it: a route.
    public var origin: String?

    public init(_ resource: ResourceSchema, limit: Int) {
        self.resource = resource
        self.limit = limit
    }

    /// By which its pages are told apart.
    public var order: [SortTerm] { resource.totalOrder(sort) }
}
