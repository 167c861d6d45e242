public import MartletModel

/// What to read, as a value.
public struct Query: Sendable {
    public enum Selection: Sendable, Equatable {
        /// The record with this key, if there is one.
        case key(Key)
        /// The first `limit` records, in the order of their keys, whose keys are greater than `after`. Their versions are
        /// absent. It is the most frequent list, and a storage can have a statement ready for it.
        case page(after: Key?, limit: Int)
        /// A page of the records that a filter lets through, in the list's order.
        case list(List)
        /// How many records a filter lets through: one row of one integer.
        case count(Filter)
    }

    /// A page of a list.
    public struct List: Sendable, Equatable {
        public var filter: Filter
        /// Total, as ``MartletModel/ResourceSchema/totalOrder(_:)`` makes it.
        public var order: [SortTerm]
        /// The page begins behind a row with these values in the columns of ``order``, whether there is such a row or not: a
        /// batch of one row. Nil for the first page.
        public var after: RowBatch?
        /// Rows, at the most.
        public var limit: Int
        /// The columns that are wanted, ascending; the version's can be among them. Nil is all. The cells of others may be
        /// absent.
        public var columns: [Int]?

        public init(
            _ filter: Filter = .all, order: [SortTerm], after: RowBatch? = nil, limit: Int, columns: [Int]? = nil
        ) {
            self.filter = filter
            self.order = order
            self.after = after
            self.limit = limit
            self.columns = columns
        }
    }

    public let resource: ResourceSchema
    public let selection: Selection
    /// What it is asked for, as a storage's log shows it: a route, say.
    public let origin: String?
    /// A page may end early: once its rows have more than this many bytes (``MartletModel/RowBatch/byteCount``) and there are at
    /// least two, no more are read. So whoever gets rows of more bytes than this knows that the last one begins the next page.
    /// Nil: it ends with its limit alone.
    public var maxBytes: Int?
    /// Holds the bytes of the rows while they are read, in steps: a storage that can't hold more of it throws
    /// ``StorageError/overloaded``. Nil: they aren't counted.
    public var reservation: BufferReservation?

    public init(
        _ resource: ResourceSchema, _ selection: Selection, origin: String? = nil, maxBytes: Int? = nil,
        reservation: BufferReservation? = nil
    ) {
        self.resource = resource
        self.selection = selection
        self.origin = origin
        self.maxBytes = maxBytes
        self.reservation = reservation
    }
}

extension Query.List {
    /// This page of `records`, which are all that there are of the resource: for a storage without a query language.
    /// - Parameter maxBytes: ``Query/maxBytes``.
    public func page(of records: RowBatch, maxBytes: Int? = nil) -> RowBatch {
        let rows = (0..<records.count)
            .filter { filter.matches(row: $0, of: records) }
            .filter { row in after.map { records.order(row: row, $0, by: order) > 0 } ?? true }
            .map { (row: $0, place: records.place(ofRow: $0, in: order)) }
            .sorted { records.order(row: $0.row, $1.place, by: order) < 0 }
            .prefix(max(limit, 0))
        let wanted = Set(columns ?? Array(0..<records.width))
        var page = RowBatch(width: records.width, reservingRows: rows.count)
        for (row, _) in rows where !page.endsPage(of: maxBytes) {
            for column in 0..<records.width {
                page.append(wanted.contains(column) ? records[row, column] : .absent, of: records)
            }
        }
        return page
    }
}

extension RowBatch {
    /// Whether no more rows are read for a page, as these are enough by ``Query/maxBytes``.
    public func endsPage(of maxBytes: Int?) -> Bool {
        guard let maxBytes, count > 1 else { return false }
        return byteCount > maxBytes
    }
}

extension RowBatch {
    /// The answer to ``Query/Selection/count(_:)``.
    public static func count(_ count: Int) -> RowBatch {
        var rows = RowBatch(width: 1)
        rows.append(.integer(Int64(count)))
        return rows
    }
}
