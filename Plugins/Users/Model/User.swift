public import MartletModel

/// A person with an account.
public struct User: Model, Equatable {
    public var id: Int64
    public var name: String
    public var email: String

    public init(id: Int64, name: String, email: String) {
        self.id = id
        self.name = name
        self.email = email
    }

    public static let schema = Schema(
        "users",
        Field("id", \.id, .key(.generated)),
        Field("name", \.name, .length(1...200), .indexed),
        Field("email", \.email, .email, .unique(ignoringCase: true)),
        build: User.init)
}
