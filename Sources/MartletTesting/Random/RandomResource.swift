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
        RandomResource(Preset.self, hostileKeys(0)),
        RandomResource(Remark.self, Extremes.integers.map(Key.integer)),
        RandomResource(Document.self),
        RandomResource(Folder.self),
        RandomResource(Owner.self, hostileKeys(1)),
        RandomResource(Slot.self),
    ]

    /// Every other hostile text, so that most of them are taken, and some that are close to each other.
    private static func hostileKeys(_ first: Int) -> [Key] {
        let texts = HostileText.all.filter { !$0.isEmpty }
        let some = stride(from: first, to: texts.count, by: 2).map { texts[$0] }
        return (["a", "A", "e\u{301}", "\u{E9}"] + some).map(Key.string)
    }

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
