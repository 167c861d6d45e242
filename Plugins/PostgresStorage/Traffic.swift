import Logging
import MartletKernel
import MartletModel

/// All that goes on between the server and its database while that is open.
///
/// `@unchecked Sendable`: what isn't so by itself is used on the ``EventThread`` alone.
final class Traffic: @unchecked Sendable {
    /// Connections for lists that look at many records.
    private static let scans = 2

    let catalog: Catalog
    let reads: ReadQueue
    let writes: WriteQueue
    let availability: Availability
    private let thread: EventThread
    private let connector: Connector
    private let singles: ExclusiveConnections
    private let slow, scanning: ExclusiveConnections
    private let purge: Purge
    private let standbyProbe: StandbyProbe
    private let abandoned: AbandonedBackends
    private let liveness: LivenessCheck
    private let keepers: [ConnectionKeeper]
    private let bufferRelease: BufferRelease
    private var tasks: [Task<Void, Never>] = []

    init(
        _ catalog: Catalog, _ address: ConnectionAddress, _ session: SessionSettings,
        _ options: PostgresDatabase.Options, _ logger: Logger
    ) throws(PostgresError) {
        self.catalog = catalog
        let (thread, availability) = (try EventThread(), Availability(logger))
        let abandoned = AbandonedBackends(logger, thread, availability)
        let connector = Connector(
            address, session, ids: catalog.statements.count + ListStatements.bound, thread, abandoned)
        (self.thread, self.availability) = (thread, availability)
        (self.abandoned, self.connector, liveness) = (abandoned, connector, LivenessCheck(thread))
        singles = ExclusiveConnections(connector, thread, availability, bound: options.exclusiveConnections)
        slow = ExclusiveConnections(connector, thread, availability, bound: 2)
        scanning = ExclusiveConnections(connector, thread, availability, for: .scans, bound: Self.scans)
        let reads = ReadQueue(
            catalog, thread, availability, bound: options.queue, SlowReads(slow),
            Scans(scanning, catalog.commands, ScanLog(logger, slowScanRows: options.slowScanRows)))
        let writes = WriteQueue(
            catalog, thread, availability, bound: options.queue, SingleTransactions(catalog, singles, thread, logger),
            options.clock)
        (self.reads, self.writes) = (reads, writes)
        purge = Purge(
            catalog.commands, singles, thread, writes, every: options.purgePause, within: options.timeout)
        standbyProbe = StandbyProbe(catalog.commands, singles, thread, availability, within: options.timeout)
        keepers =
            [ConnectionKeeper(connector, thread, .writes, for: writes)]
            + (0..<options.connections).map { _ in ConnectionKeeper(connector, thread, .reads, for: reads) }
        bufferRelease = BufferRelease(keepers, [singles, slow, scanning])
        abandoned.terminate = { [unowned reads] backend throws(StorageError) in
            let rows = try await reads.read(.termination(backend), until: .now + options.timeout)
            return rows.isEmpty ? nil : rows.string(of: rows[0, 0])
        }
    }

    /// - Returns: once the first connections are there, or one can't be had.
    func start() async throws(PostgresError) {
        try thread.start()
        await onThread { [self] in
            let takers: [any TurnTaker] = [
                reads, writes, singles, slow, scanning, purge, standbyProbe, abandoned, bufferRelease, liveness,
                reads.inspection,
            ]
            for taker in takers { thread.add(taker) }
            tasks = keepers.map { keeper in Task(executorPreference: thread) { await keeper.run() } }
            let end = ContinuousClock.now + connector.limit
            while !availability.isServing, .now < end, !Task.isCancelled {
                await thread.sleep(until: .now + .milliseconds(2))
            }
        }
        guard !availability.isServing, case .notReady(let reason) = availability.health else { return }
        await close()
        throw .lost(reason)
    }

    /// Finishes what was begun.
    func close() async {
        reads.refuse()
        writes.refuse()
        await onThread { [self] in
            abandoned.close()
            // All have deadlines.
            while reads.count + writes.count > (abandoned.isRunning ? 1 : 0) {
                await thread.sleep(until: .now + .milliseconds(2))
            }
            for keeper in keepers { keeper.close() }
            connector.close()
            for connections in [singles, slow, scanning] { connections.close() }
            thread.endSleep()
            for task in tasks { await task.value }
            reads.end()
        }
        await thread.close()
    }

    private func onThread(_ body: @escaping @Sendable () async -> Void) async {
        let task = Task(executorPreference: thread) { await body() }
        await withTaskCancellationHandler(operation: { await task.value }, onCancel: { task.cancel() })
    }
}
