import Logging
import MartletKernel
import MartletModel

/// All that goes on between the server and its database while that is open: what any thread may use, and what the ``EventThread``
/// does.
final class Traffic: Sendable {
    let catalog: Catalog
    let reads: Inbox<ReadRequest>
    let writes: Inbox<WriteRequest>
    let inspection: TableInspection.Trigger
    let availability: Availability
    private let thread: EventThread
    private let state: Confined<EventThreadState>

    init(
        _ catalog: Catalog, _ address: ConnectionAddress, _ session: SessionSettings,
        _ options: PostgresDatabase.Options, _ logger: Logger
    ) throws(PostgresError) {
        self.catalog = catalog
        thread = try EventThread()
        availability = Availability(logger)
        reads = Inbox(of: thread, bound: options.queue)
        writes = Inbox(of: thread, bound: options.queue)
        inspection = TableInspection.Trigger(thread)
        state = Confined(
            sending: EventThreadState(
                catalog, reads, writes, inspection, thread, availability, address, session, options, logger),
            to: thread)
    }

    /// - Returns: once the first connections are there, or one can't be had.
    func start() async throws(PostgresError) {
        try thread.start()
        await onThread { await $0.start() }
        guard !availability.isServing, case .notReady(let reason) = availability.health else { return }
        await close()
        throw .lost(reason)
    }

    /// Finishes what was begun.
    func close() async {
        reads.close()
        writes.close()
        await onThread { await $0.close() }
        await thread.close()
    }

    private func onThread(_ body: @escaping @Sendable (EventThreadState) async -> Void) async {
        let task = Task(executorPreference: thread) { [state] in await state.withValue(body) }
        await withTaskCancellationHandler(operation: { await task.value }, onCancel: { task.cancel() })
    }
}

/// What the ``EventThread`` alone uses: the connections, and all that uses them.
private final class EventThreadState {
    /// Connections for lists that look at many records.
    private static let scans = 2

    private let thread: EventThread
    private let availability: Availability
    private let reads: Inbox<ReadRequest>
    private let writes: Inbox<WriteRequest>
    private let connector: Connector
    private let abandoned: AbandonedBackends
    private let exclusive: [ExclusiveConnections]
    private let readQueue: ReadQueue
    private let keepers: [ConnectionKeeper]
    private let turnTakers: [any TurnTaker]
    private var tasks: [Task<Void, Never>] = []

    init(
        _ catalog: Catalog, _ reads: Inbox<ReadRequest>, _ writes: Inbox<WriteRequest>,
        _ inspection: TableInspection.Trigger, _ thread: EventThread, _ availability: Availability,
        _ address: ConnectionAddress, _ session: SessionSettings, _ options: PostgresDatabase.Options, _ logger: Logger
    ) {
        (self.thread, self.availability, self.reads, self.writes) = (thread, availability, reads, writes)
        let abandoned = AbandonedBackends(logger, thread, availability)
        let connector = Connector(
            address, session, ids: catalog.statements.count + ListStatements.bound, thread, abandoned)
        (self.abandoned, self.connector) = (abandoned, connector)
        let singles = ExclusiveConnections(connector, thread, availability, bound: options.exclusiveConnections)
        let slow = ExclusiveConnections(connector, thread, availability, bound: 2)
        let scanning = ExclusiveConnections(connector, thread, availability, for: .scans, bound: Self.scans)
        exclusive = [singles, slow, scanning]
        let tableInspection = TableInspection(inspection, catalog, reads, thread, availability)
        let readQueue = ReadQueue(
            reads, catalog, thread, availability, tableInspection, SlowReads(slow),
            Scans(scanning, catalog.commands, ScanLog(logger, slowScanRows: options.slowScanRows)))
        let writeQueue = WriteQueue(
            writes, catalog, thread, availability, SingleTransactions(catalog, singles, thread, logger), options.clock)
        self.readQueue = readQueue
        keepers =
            [ConnectionKeeper(connector, thread, .writes, for: writeQueue)]
            + (0..<options.connections).map { _ in ConnectionKeeper(connector, thread, .reads, for: readQueue) }
        turnTakers = [
            readQueue, writeQueue, singles, slow, scanning,
            Purge(
                catalog.commands, singles, thread, writeQueue, every: options.purgePause, within: options.timeout),
            StandbyProbe(catalog.commands, singles, thread, availability, within: options.timeout),
            abandoned, BufferRelease(keepers, exclusive), LivenessCheck(thread), tableInspection,
        ]
        abandoned.terminate = { backend throws(StorageError) in
            let rows = try await reads.read(.termination(backend), until: .now + options.timeout)
            return rows.isEmpty ? nil : rows.string(of: rows[0, 0])
        }
    }

    /// - Returns: once the first connections are there, or one can't be had.
    func start() async {
        for taker in turnTakers { thread.add(taker) }
        tasks = keepers.map { keeper in
            let confined = Confined(keeper, to: thread)
            return Task(executorPreference: thread) { await confined.withValue { await $0.run() } }
        }
        let end = ContinuousClock.now + connector.limit
        while !availability.isServing, .now < end, !Task.isCancelled {
            await thread.sleep(until: .now + .milliseconds(2))
        }
    }

    /// Finishes what was begun.
    func close() async {
        abandoned.close()
        // All have deadlines.
        while reads.count + writes.count > (abandoned.isRunning ? 1 : 0) {
            await thread.sleep(until: .now + .milliseconds(2))
        }
        for keeper in keepers { keeper.close() }
        connector.close()
        for connections in exclusive { connections.close() }
        thread.endSleep()
        for task in tasks { await task.value }
        readQueue.end()
    }
}
