import MartletKernel
import MartletModel

/// One change of a transaction, in a sequence's own names.
struct RandomChange: Sendable {
    enum Kind: String, Sendable {
        case insert, update, upsert, delete
    }

    enum Condition: Equatable, Sendable {
        case none, present, absent
        case version([VersionName])
    }

    let kind: Kind
    let resource: RandomResource
    var name: RecordName
    /// What a row leaves absent, a change keeps and an insert fills. In it numbers stand for keys that a storage gives.
    var row: RowBatch
    /// A new record whose row says no more than it does: the storage has to fill it.
    var isSparse = false
    var condition = Condition.none
    /// The version that the row names.
    var version: VersionName?
    var references: [Int: ResultReference] = [:]
    var keyReference: ResultReference?
}

extension RandomChange: CustomStringConvertible {
    var description: String {
        var text = "\(kind.rawValue) \(resource.schema.name) \(name)"
        if kind != .delete { text += " \(row)" }
        if isSparse { text += " sparse" }
        if condition != .none { text += " if \(condition)" }
        if let version { text += " in version \(version)" }
        for (column, reference) in references.sorted(by: { $0.key < $1.key }) {
            text += " column \(column) from \(reference.mutation).\(reference.column)"
        }
        if let keyReference { text += " key from \(keyReference.mutation).\(keyReference.column)" }
        return text
    }
}
