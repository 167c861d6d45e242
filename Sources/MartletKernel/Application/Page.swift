public import MartletModel

/// A record that was read, with those that its references lead to, as far as they were asked for.
public struct FoundRecord: Sendable, Equatable {
    /// One row.
    public var row: RowBatch
    public var embedded: [EmbeddedRecords] = []
}

/// A part of a list.
public struct Page: Sendable, Equatable {
    /// The cells of fields that were not asked for may be absent.
    public var rows: RowBatch
    /// If there are more records: what a ``ListRequest`` for them begins after.
    public var next: RowBatch?
    /// How many records all pages have, if that was asked for.
    public var total: Int?
    public var embedded: [EmbeddedRecords] = []

    public init(_ rows: RowBatch, next: RowBatch? = nil) {
        self.rows = rows
        self.next = next
    }

    /// 4 MiB.
    public static let defaultMaxBytes = 4 << 20

    /// As many bytes as the texts of ``next`` may have together: it travels in a URL.
    public static let mostBytesOfNext = 3072
}
