/// An index that every storage keeps of a resource, because of its schema: what is fast on one is on all.
public struct ResourceIndex: Sendable, Equatable {
    /// In the index's order. Behind them stands the key, so that records of the same values have an order too.
    public let columns: [Int]
    /// No two records have the same values here, unless one is null.
    public let isUnique: Bool
    /// Its texts are ordered, and told apart, with A to Z as a to z.
    public let isIgnoringCase: Bool

    init(_ columns: [Int], isUnique: Bool, isIgnoringCase: Bool = false) {
        self.columns = columns
        self.isUnique = isUnique
        self.isIgnoringCase = isIgnoringCase
    }

    /// See ``ResourceSchema/indexes``.
    static func all(
        of fields: [FieldSchema], key: Int, _ compounds: [ResourceSchema.Compound]
    ) -> [ResourceIndex] {
        var indexes = [ResourceIndex([key], isUnique: true)]
        for (column, field) in fields.enumerated() where column != key {
            if let uniqueness = field.uniqueness {
                indexes.append(
                    ResourceIndex([column], isUnique: true, isIgnoringCase: uniqueness == .ignoringASCIICase))
            }
            // Without one for a reference, every deletion of what it refers to would read the whole table.
            if field.isIndexed || (field.reference != nil && field.uniqueness == nil) {
                indexes.append(ResourceIndex([column], isUnique: false))
            }
        }
        return indexes + compounds.map { ResourceIndex($0.columns, isUnique: $0.isUnique) }
    }
}
