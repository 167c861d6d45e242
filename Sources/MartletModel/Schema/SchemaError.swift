/// Why a schema can't exist. It is the author's mistake, never a client's.
public struct SchemaError: Error, Equatable, CustomStringConvertible {
    public let description: String
    /// Which of a field's or a resource's constraints it is about, as a declaration calls it: `default`, `length`.
    public let constraint: String?

    public init(_ description: String, at constraint: String? = nil) {
        self.description = description
        self.constraint = constraint
    }
}

extension SchemaError {
    /// For a mistake in source code. A failed precondition would tell no message in a release build.
    func endProcess(in place: String) -> Never {
        fatalError("\(place): \(self)")
    }
}
