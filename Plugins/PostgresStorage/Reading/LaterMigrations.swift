import MartletKernel
import MartletModel

/// Finds out what a newer server's migration has made nullable: see ``Table/relaxedColumns``.
///
/// `@unchecked Sendable`: it is used on the ``EventThread`` alone.
final class LaterMigrations: @unchecked Sendable {
    private static let timeout = Duration.seconds(5)
    private static let pause = Duration.seconds(1)

    private let catalog: Catalog
    private unowned let reads: ReadQueue
    private let thread: EventThread
    private var isLooking = false
    private var isDue = false

    init(_ catalog: Catalog, _ reads: ReadQueue, _ thread: EventThread) {
        (self.catalog, self.reads, self.thread) = (catalog, reads, thread)
    }

    /// Looks at the tables, now and again if it is called while it does.
    func look() {
        isDue = true
        guard !isLooking else { return }
        isLooking = true
        Task(executorPreference: thread) { [self] in
            while isDue {
                isDue = false
                // Where there is no connection any more, the next one's opening leads here.
                guard let rows = try? await nullableColumns() else { break }
                relax(rows)
            }
            isLooking = false
        }
    }

    private func nullableColumns() async throws(StorageError) -> RowBatch {
        try await reads.read(.nullableColumns(catalog.nullableColumns), until: .now + Self.timeout)
    }

    private func relax(_ rows: RowBatch) {
        var columns: [String: Set<String>] = [:]
        for row in 0..<rows.count {
            guard let table = rows.string(of: rows[row, 0]), let column = rows.string(of: rows[row, 1]) else {
                continue
            }
            columns[table, default: []].insert(column)
        }
        for table in catalog.tables { table.relax(columns[table.schema.table] ?? []) }
    }
}
