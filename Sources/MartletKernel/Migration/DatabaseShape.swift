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
        Int64(bitPattern: FNV1a.hash(of: text))
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
    /// What the values mean, where ``type`` alone doesn't tell: a ``fieldType(_:)``. A database doesn't keep it, so it comes from
    /// the record of migrations. Nil where nobody has recorded it: then only ``type`` is compared.
    public var fieldType: String?
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

    /// An enumeration is a string: its values stay what they are when the field becomes the other one.
    public static func fieldType(_ type: ValueType) -> String {
        type == .enumeration ? ValueType.string.rawValue : type.rawValue
    }

    /// Whether a value of the other column means the same in this one.
    func hasType(of other: ColumnShape) -> Bool {
        type == other.type && (fieldType == nil || other.fieldType == nil || fieldType == other.fieldType)
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
    /// Adds the types of fields that it lacks, from columns of the same name and type.
    public mutating func addFieldTypes(of other: DatabaseShape) {
        for (table, shape) in other.tables {
            for (name, column) in shape.columns {
                let own = tables[table]?.columns[name]
                guard let own, own.fieldType == nil, own.type == column.type else { continue }
                tables[table]?.columns[name]?.fieldType = column.fieldType
            }
        }
    }

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
