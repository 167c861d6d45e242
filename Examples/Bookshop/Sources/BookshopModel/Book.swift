import MartletModel

/// A book on sale.
public struct Book: Model, Equatable {
    public var id: Int64
    public var title: String
    public var isbn: String
    /// In cents.
    public var price: Int64

    public static let schema = Schema(
        "books",
        Field("id", \.id, .key(.generated)),
        Field("title", \.title, .length(1...300), .indexed),
        Field("isbn", \.isbn, .length(10...17), .unique),
        Field("price", \.price),
        build: Book.init)
}
