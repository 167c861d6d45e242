/// A storage isn't as ``StorageContract`` says: which clause it breaks, what was expected and what came.
public struct ContractViolation: Error, Sendable, CustomStringConvertible {
    /// For the storage's author.
    public let description: String

    /// - Parameter description: names the clause, what was expected and what came.
    public init(_ description: String) {
        self.description = description
    }
}
