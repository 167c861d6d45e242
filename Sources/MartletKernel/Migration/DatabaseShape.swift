import FoundationEssentials
public import MartletModel

/// What a database makes of resources, as the database itself tells it: how migrations compare what is there with what
/// should be.
///
/// A storage reads it with one piece of code, from the real database and from an empty one in which the definitions of
/// the schemas were just executed, so that like is compared with like. All texts are the storage's own; they are compared
/// and shown, never understood. What the schemas don't care about isn't in it: a further index, a further trigger.
public struct DatabaseShape: Codable, Sendable, Equatable {
    /// By name.
    public var tables: [String: TableShape]

    public init(_ tables: [String: TableShape] = [:]) {
        self.tables = tables
    }

    /// As it is kept in the record of migrations: JSON, the same text for the same shape.
    public var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Nil when the text is none that this version of Martlet reads.
    public init?(text: String) {
        guard let shape = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        self = shape
    }

    /// FNV-1a over its text.
    public var checksum: Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01B3 }
        return Int64(bitPattern: hash)
    }
}

/// A table in a ``DatabaseShape``.
public struct TableShape: Codable, Sendable, Equatable {
    /// By name: their order means nothing.
    public var columns: [String: ColumnShape] = [:]
    /// Definitions by name, of those that Martlet makes.
    public var indexes: [String: String] = [:]
    /// Definitions by name, of those that Martlet makes.
    public var triggers: [String: String] = [:]
    /// Others have made it, and which checks it has is their affair: it needs none of Martlet's.
    public var isAdopted = false
    /// What Martlet never makes and doesn't undo, each completing "it …". A table with any stands against every migration.
    public var oddities: [String] = []

    public init() {}
}

/// A column in a ``TableShape``.
public struct ColumnShape: Codable, Sendable, Equatable {
    public var type: String
    public var isNullable: Bool
    /// Where the value comes from if it is the primary key.
    public var key: KeyKind?
    /// The condition that Martlet has the database check.
    public var check: String?
    public var reference: ReferenceShape?

    public init(_ type: String, isNullable: Bool) {
        self.type = type
        self.isNullable = isNullable
    }
}

/// A foreign key of one column.
public struct ReferenceShape: Codable, Sendable, Equatable {
    public var table: String
    public var column: String
    /// What the database does when the record is deleted.
    public var onDelete: String

    public init(_ table: String, _ column: String, onDelete: String) {
        self.table = table
        self.column = column
        self.onDelete = onDelete
    }
}

extension DatabaseShape {
    /// The same with other names of columns, also where they are referred to. Names of indexes and triggers stay.
    func renamed(_ renames: [String: [ColumnRename]]) -> DatabaseShape {
        var shape = self
        for (table, renames) in renames {
            for rename in renames {
                let column = shape.tables[table]?.columns.removeValue(forKey: rename.old)
                shape.tables[table]?.columns[rename.new] = column
            }
        }
        for (name, table) in shape.tables {
            for (column, facts) in table.columns {
                guard let target = facts.reference else { continue }
                let rename = renames[target.table]?.first { $0.old == target.column }
                if let rename { shape.tables[name]?.columns[column]?.reference?.column = rename.new }
            }
        }
        return shape
    }
}
