import MartletModel

/// The record that the contract is checked with: every kind of field and of uniqueness, null where it may be, a table's
/// and a column's name that SQL has to quote.
struct Item: Model {
    var id: Int64
    var name: String
    var order: Int64
    var sideNote: String?
    /// Unique as it is, or null.
    var code: String?
    var rank: Int64?
    /// Unique ignoring ASCII case.
    var handle: String

    static let schema = Schema(
        "contract-items",
        Field("id", \.id, .key(.generated)),
        Field("name", \.name, .indexed),
        Field("order", \.order),
        Field("sideNote", \.sideNote),
        Field("code", \.code, .unique),
        Field("rank", \.rank),
        Field("handle", \.handle, .unique(ignoringCase: true)),
        build: Item.init)

    static let code = 4
    static let handle = 6

    /// A record whose texts are all made of `name`.
    init(_ name: String) {
        self.init(name: name, handle: name)
    }

    init(
        id: Int64 = 0, name: String, order: Int64 = 0, sideNote: String? = nil, code: String? = nil, rank: Int64? = nil,
        handle: String
    ) {
        (self.id, self.name, self.order, self.sideNote) = (id, name, order, sideNote)
        (self.code, self.rank, self.handle) = (code, rank, handle)
    }
}
