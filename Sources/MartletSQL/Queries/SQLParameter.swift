public import MartletModel

/// A value that goes with a statement, apart from its text.
public enum SQLParameter: Sendable, Equatable {
    /// A cell of a batch, not null.
    case value(RowBatch, row: Int, column: Int)
    /// An array of the rows of a batch of one column, whose cells have this tag.
    case array(RowBatch, of: Cell.Tag)
    case text(String)
    /// Rows, at the most.
    case limit(Int)
}
