import FoundationEssentials
import MartletKernel
import MartletModel

/// A resource that random operations work on, and the keys of its records.
struct RandomResource: Sendable {
    let schema: ResourceSchema
    /// Keys that clients assign: so few that most are taken. Empty where the server makes them.
    let assignedKeys: [Key]

    private init<M: Model>(_: M.Type, _ assignedKeys: [Key] = []) {
        schema = M.resource
        self.assignedKeys = assignedKeys
    }

    static let all = [
        RandomResource(Item.self),
        RandomResource(Specimen.self, Extremes.uuids.map(Key.uuid)),
        RandomResource(Preset.self, ["e\u{301}", "\u{E9}", "a", "A", "it's", "\u{1}"].map(Key.string)),
        RandomResource(Remark.self, Extremes.integers.map(Key.integer)),
        RandomResource(Document.self),
        RandomResource(Folder.self),
        RandomResource(Owner.self, ["e\u{301}", "\u{E9}", "a", "A", "''; --", "\u{1F600}"].map(Key.string)),
        RandomResource(Slot.self),
    ]

    static func named(_ name: String) -> RandomResource? {
        all.first { $0.schema.name == name }
    }

    /// Whether the storage chooses the keys: then they differ from one to another.
    var isNumbered: Bool { schema.key.key == .generated && schema.key.type == .integer }

    /// Columns that hold such a key, of the record or of one that it refers to, with the resource that it is of.
    var numberedColumns: [(column: Int, resource: String)] {
        schema.fields.enumerated().compactMap { column, field in
            let name = column == schema.keyIndex ? schema.name : field.reference?.resource
            guard let name, Self.named(name)?.isNumbered == true else { return nil }
            return (column, name)
        }
    }
}
