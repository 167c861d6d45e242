import MartletModel
import MartletSQL
import Synchronization

/// A table with the statements that work on it.
final class Table: Sendable {
    let layout: TableLayout
    /// Parameters: the key.
    let byKey: Statement
    /// Parameters: the limit.
    let firstPage: Statement
    /// Parameters: the key before the page, the limit.
    let nextPage: Statement
    /// Parameters: the values of ``TableLayout/insertedColumns``.
    let insert: Statement
    /// Parameters: for each of ``TableLayout/updatedColumns`` whether it is set and to what, then the key, the versions of
    /// which the record has to have one, or null for any, and the time if there is ``TableLayout/updatedAt``. Does nothing where all values are there already:
    /// such a record keeps its version.
    let update: Statement
    /// Makes the record or sets its fields. Parameters: the values of ``TableLayout/insertedColumns``, for each of
    /// ``TableLayout/updatedColumns`` whether it is set if the record is there, and the time as before. Behind the record it returns
    /// whether it is new. Only where clients choose keys.
    let upsert: Statement?
    /// Makes the record unless there is one with its key. Parameters: the values of ``TableLayout/insertedColumns``.
    let insertIfAbsent: Statement?
    /// Parameters: the key, and the versions of which the record has to have one, or null for any.
    let delete: Statement
    /// Locks records in the order of their keys, as an update or a deletion does. Parameters: the keys, as an array.
    let lockToUpdate, lockToDelete: Statement
    /// What stands against a row: ``TableLayout/violationSelection(_:)``.
    let violations: Statement
    /// The references that restrict a deletion, and their ``Referrers/selection``; nil when there are none.
    let referrers: (fields: Referrers, statement: Statement)?
    /// Brings the sequence of the keys forward; nil where clients choose them.
    let advanceKeys: Statement?
    /// A deletion may set references of other records to null.
    let deletionSetsNull: Bool
    /// ``ReferenceGraph/cascadeSelection(of:)``; nil when a deletion takes one record alone.
    let deletedRecords: Statement?
    static let deletedRecordsTags: [Cell.Tag] = [.integer, .integer, .string, .uuid]

    private let relaxed = Mutex<Set<Int>>([])

    /// Columns that can be null since a newer server has migrated the table, and can't be by this server's resource. It lists
    /// records by them in the order of nullable fields, as the newer one does, and as their indexes are by then.
    var relaxedColumns: Set<Int> { relaxed.withLock { $0 } }

    /// - Parameter nullable: the columns of the table that can be null in the database.
    func relax(_ nullable: Set<String>) {
        let columns = schema.fields.indices.filter { column in
            let field = schema.fields[column]
            return !field.isNullable && field.key == nil && nullable.contains(field.column)
        }
        relaxed.withLock { $0 = Set(columns) }
    }

    var schema: ResourceSchema { layout.schema }
    var tags: [Cell.Tag] { layout.tags }
    var upsertTags: [Cell.Tag] { layout.tags + [.boolean] }

    init(_ layout: TableLayout, _ graph: ReferenceGraph, _ list: inout StatementList) {
        self.layout = layout
        let inserted = layout.insertedColumns.map(layout.type)
        let update = layout.updatedColumns.flatMap { [ObjectID.boolean, layout.type($0)] }
        byKey = list.add(layout.select(.byKey), [layout.keyType])
        firstPage = list.add(layout.select(.firstPage), [ObjectID.bigint])
        nextPage = list.add(layout.select(.nextPage), [layout.keyType, ObjectID.bigint])
        insert = list.add(layout.insert, inserted)
        self.update = list.add(
            layout.update, update + [layout.keyType, ObjectID.bigintArray] + layout.timeTypes)
        upsert =
            layout.generatesKeys
            ? nil
            : list.add(
                layout.upsert, inserted + layout.updatedColumns.map { _ in ObjectID.boolean } + layout.timeTypes)
        insertIfAbsent = layout.generatesKeys ? nil : list.add(layout.insertIfAbsent, inserted)
        delete = list.add(layout.delete, [layout.keyType, ObjectID.bigintArray])
        let keys = ObjectID.ofArray(layout.schema.key.type.tag)
        lockToUpdate = list.add(layout.lock("FOR NO KEY UPDATE"), [keys])
        lockToDelete = list.add(layout.lock("FOR UPDATE"), [keys])
        violations = list.add(layout.violationSelection(graph), layout.givenTypes)
        referrers = graph.referrers(of: layout).map { ($0, list.add($0.selection, [layout.keyType])) }
        advanceKeys = KeySequence(layout).map { Statement(id: Statement.unprepared, sql: $0.advance, types: []) }
        deletionSetsNull = graph.setsNull(deletingFrom: layout)
        let takesOthers = !graph.references(to: layout, .cascade).isEmpty
        deletedRecords = takesOthers ? list.add(graph.cascadeSelection(of: layout), [layout.keyType]) : nil
    }
}
