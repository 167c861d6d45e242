/// Why a schema can't exist. It is the author's mistake, never a client's.
public struct SchemaError: Error, Equatable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
