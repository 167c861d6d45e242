public import MartletModel

/// A field that a list is sorted by. Texts are in the order of their UTF-8; null comes first ascending, last descending.
public struct RecordOrder<M: Model>: Sendable {
    /// Nil when the schema has no field that is read like this.
    let term: SortTerm?

    public static func ascending(_ field: KeyPath<M, some FieldValue>) -> RecordOrder {
        RecordOrder(term: M.schema.column(of: field).map { SortTerm($0) })
    }

    public static func descending(_ field: KeyPath<M, some FieldValue>) -> RecordOrder {
        RecordOrder(term: M.schema.column(of: field).map { SortTerm($0, isDescending: true) })
    }
}
