/// A row that isn't a record of the schema it is read by.
public struct RecordError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The column that doesn't fit.
    public let column: Int

    public init(column: Int) {
        self.column = column
    }

    public var description: String { "column \(column) holds no value of its field's type" }
}
