import MartletKernel
import MartletModel
import MartletSQL
import Synchronization

/// Looks at the tables when others may have changed them: which columns a newer server's migration has made nullable (see
/// ``Table/relaxedColumns``), and what is gone. While something is, it looks again each second: a server that isn't ready gets no
/// requests that would tell.
final class TableInspection: TurnTaker {
    /// Asks for it from any thread: a table or a column wasn't there for a request.
    final class Trigger: Sendable {
        private let thread: EventThread
        private let isPulled = Atomic(false)

        init(_ thread: EventThread) {
            self.thread = thread
        }

        func pull() {
            isPulled.store(true, ordering: .sequentiallyConsistent)
            thread.wake()
        }

        fileprivate var isSet: Bool { isPulled.load(ordering: .sequentiallyConsistent) }

        /// - Returns: whether it was set.
        fileprivate func reset() -> Bool { isPulled.exchange(false, ordering: .sequentiallyConsistent) }
    }

    private static let timeout = Duration.seconds(5)
    private static let pause = Duration.seconds(1)

    private let catalog: Catalog
    private let reads: Inbox<ReadRequest>
    private let thread: EventThread
    private let availability: Availability
    private let trigger: Trigger
    /// It was requested, and is done after the pause.
    private var isWanted = false
    private var isLooking = false
    private var isDue = false
    private var next = ContinuousClock.now

    init(
        _ trigger: Trigger, _ catalog: Catalog, _ reads: Inbox<ReadRequest>, _ thread: EventThread,
        _ availability: Availability
    ) {
        (self.trigger, self.catalog, self.reads) = (trigger, catalog, reads)
        (self.thread, self.availability) = (thread, availability)
    }

    var hasWork: Bool { trigger.isSet }

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        if trigger.reset() { isWanted = true }
        guard isWanted || availability.lacksTables, !isLooking else { return nil }
        guard now >= next else { return next }
        look()
        return nil
    }

    /// Looks at the tables, now and again if it is called while it does.
    func look() {
        isDue = true
        guard !isLooking else { return }
        isLooking = true
        let confined = Confined(self, to: thread)
        Task(executorPreference: thread) { await confined.withValue { await $0.compareWhileDue() } }
    }

    private func compareWhileDue() async {
        while isDue {
            (isDue, isWanted) = (false, false)
            // Where there is no connection any more, the next one's opening leads here.
            guard let rows = try? await presentColumns() else { break }
            compare(rows)
        }
        (isLooking, next) = (false, .now + Self.pause)
    }

    private func presentColumns() async throws(StorageError) -> RowBatch {
        try await reads.read(.presentColumns(catalog.presentColumns), until: .now + Self.timeout)
    }

    private func compare(_ rows: RowBatch) {
        var present: [String: Set<String>] = [:]
        var nullable: [String: Set<String>] = [:]
        for row in 0..<rows.count {
            guard let table = rows.string(of: rows[row, 0]), let column = rows.string(of: rows[row, 1]) else {
                continue
            }
            present[table, default: []].insert(column)
            if rows[row, 2].boolean == true { nullable[table, default: []].insert(column) }
        }
        for table in catalog.tables { table.relax(nullable[table.schema.table] ?? []) }
        availability.inspected(missing: missing(in: present))
    }

    private func missing(in present: [String: Set<String>]) -> [String] {
        let columns = catalog.tables.flatMap { table -> [String] in
            let name = table.schema.table
            guard let present = present[name] else { return [name] }
            let needed = table.schema.fields.map(\.column) + [TableLayout.versionColumn]
            return needed.filter { !present.contains($0) }.map { "\(name).\($0)" }
        }
        return columns + ServerTables.served.filter { present[$0] == nil }
    }
}
