/// A record type with a schema: what a resource's records are in Swift.
///
/// ```swift
/// public struct User: Model {
///     public var id: Int64
///     public var name: String
///     public var email: String
///     public static let schema = Schema("users",
///         Field("id", \.id, .key(.generated)),
///         Field("name", \.name, .length(1...200), .indexed),
///         Field("email", \.email, .email, .unique(ignoringCase: true)),
///         build: User.init)
/// }
/// ```
public protocol Model: Sendable {
    static var schema: Schema<Self> { get }
}
