public import MartletModel

/// A column that gets another name and keeps its values.
public struct ColumnRename: Sendable, Equatable {
    public let old: String
    public let new: String
}

/// One thing that has to become different in a table. Columns, indexes and triggers are told by their names.
public enum TableChange: Sendable, Equatable {
    case makeTable
    case rename(ColumnRename)
    case addColumn(String)
    case dropColumn(String)
    /// The values go: the column is dropped and made anew.
    case retypeColumn(String, from: String, to: String)
    /// Another column becomes the key, or the key's type is another one. Only an empty table can bear that.
    case changeKey(from: [String], to: String)
    /// Where new keys come from.
    case setKeyKind(String, KeyKind)
    case setNullability(String, isNullable: Bool)
    case setCheck(String, String?)
    case setReference(String, ReferenceShape?)
    case dropIndex(String)
    case makeIndex(String)
    case dropTrigger(String)
    case makeTrigger(String)
}

extension TableChange {
    /// - Parameter table: its name.
    public func change(in table: String) -> Migration.Change {
        Migration.Change("\(table): \(description)", losesData: losesData)
    }

    public var losesData: Bool {
        switch self {
        case .dropColumn, .retypeColumn, .changeKey: true
        default: false
        }
    }

    private var description: String {
        switch self {
        case .makeTable: "makes the table"
        case .rename(let rename): "renames the column \(rename.old) to \(rename.new)"
        case .addColumn(let name): "adds the column \(name)"
        case .dropColumn(let name): "drops the column \(name) with its values"
        case .retypeColumn(let name, let old, let new):
            "drops the column \(name) of the type \(old) with its values, and makes it anew with the type \(new)"
        case .changeKey(let old, let new):
            "makes \(new) the key, which is \(old.isEmpty ? "none" : old.joined(separator: ", "))"
        case .setKeyKind(let name, let kind): "makes the key \(name) \(kind)"
        case .setNullability(let name, let isNullable): "makes \(name) \(isNullable ? "nullable" : "not nullable")"
        case .setCheck(let name, let check): check.map { "checks \(name): \($0)" } ?? "checks \(name) no more"
        case .setReference(let name, let target):
            target.map { "lets \(name) reference \($0.table).\($0.column) (on delete: \($0.onDelete.lowercased()))" }
                ?? "lets \(name) reference nothing"
        case .dropIndex(let name): "drops the index \(name)"
        case .makeIndex(let name): "makes the index \(name)"
        case .dropTrigger(let name): "drops the trigger \(name)"
        case .makeTrigger(let name): "makes the trigger \(name)"
        }
    }
}
