import MartletKernel
import MartletModel
import MartletSQL

/// A list or a count.
struct ListRead: Sendable {
    let table: Table
    let query: Query
    let sql: SQLQuery
    /// What the cells of a row hold; those that aren't wanted are absent.
    let tags: [Cell.Tag]
    let isBounded: Bool

    init(_ list: Query.List, _ query: Query, _ table: Table) {
        let sql = SQLQuery(
            list, of: query.resource, ordinal: table.layout.ordinal, .postgres, relaxed: table.relaxedColumns)
        let tags = table.layout.tags(of: sql.columns)
        self.init(table: table, query: query, sql: sql, tags: tags, isBounded: query.isBounded)
    }

    init(counting filter: Filter, _ query: Query, _ table: Table) {
        let sql = SQLQuery(counting: filter, of: query.resource, ordinal: table.layout.ordinal, .postgres)
        self.init(table: table, query: query, sql: sql, tags: [.integer], isBounded: query.isBounded)
    }

    private init(table: Table, query: Query, sql: SQLQuery, tags: [Cell.Tag], isBounded: Bool) {
        (self.table, self.query, self.sql) = (table, query, sql)
        (self.tags, self.isBounded) = (tags, isBounded)
    }
}
