import MartletModel
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
    /// What stands against a row, as a row of booleans: for each of ``TableLayout/uniques`` whether another record has its
    /// values, and for each of ``TableLayout/references`` whether it leads nowhere. Parameters: for each column whether it is
    /// given and what, then the key of the record that is to be changed, null for a new one.
    let conflicts: Statement
    /// The fields that can keep a record from being deleted, and whether they do, as a row of booleans. Parameters: the key.
    let referrers: Referrers
    /// Brings the sequence of the keys forward; nil where clients choose them.
    let advanceKeys: Statement?
    /// A deletion may set references of other records to null.
    let deletionSetsNull: Bool
    /// Deletes what a deletion takes along, leaves first; nil when it takes nothing. Parameters: the key.
    let gone: Statement?

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
    var conflictTags: [Cell.Tag] { Array(repeating: .boolean, count: layout.uniques.count + layout.references.count) }

    init(_ layout: TableLayout, _ graph: ReferenceGraph, _ list: inout StatementList) {
        self.layout = layout
        let inserted = layout.insertedColumns.map(layout.type)
        let update = layout.updatedColumns.flatMap { [ObjectID.boolean, layout.type($0)] }
        byKey = list.add(layout.selectByKey, [layout.keyType])
        firstPage = list.add(layout.selectFirstPage, [ObjectID.bigint])
        nextPage = list.add(layout.selectNextPage, [layout.keyType, ObjectID.bigint])
        insert = list.add(layout.insert, inserted)
        self.update = list.add(
            layout.update, update + [layout.keyType, ObjectID.bigintArray] + layout.timeTypes)
        let choosesKeys = layout.insertedColumns.contains(layout.schema.keyIndex)
        upsert =
            choosesKeys
            ? list.add(
                layout.upsert,
                inserted + layout.updatedColumns.map { _ in ObjectID.boolean } + layout.timeTypes) : nil
        insertIfAbsent = choosesKeys ? list.add(layout.insertIfAbsent, inserted) : nil
        delete = list.add(layout.delete, [layout.keyType, ObjectID.bigintArray])
        let keys = ObjectID.ofArray(layout.schema.key.type.tag)
        lockToUpdate = list.add(layout.lock("FOR NO KEY UPDATE"), [keys])
        lockToDelete = list.add(layout.lock("FOR UPDATE"), [keys])
        conflicts = list.add(layout.conflicts(graph), layout.givenTypes)
        referrers = graph.referrers(of: layout, &list)
        advanceKeys = KeySequence(layout).map { Statement(id: Statement.unprepared, sql: $0.advance, types: []) }
        deletionSetsNull = graph.deletionSetsNull(layout)
        gone = graph.listGone(with: layout).map { list.add($0, [layout.keyType]) }
    }
}

/// The fields that can keep a record from being deleted.
struct Referrers: Sendable {
    let names: [(resource: String, field: String)]
    /// Nil when there are none.
    let statement: Statement?
    var tags: [Cell.Tag] { Array(repeating: .boolean, count: names.count) }
}
