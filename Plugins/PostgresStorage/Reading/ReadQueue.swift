import DequeModule
import MartletKernel
import MartletModel
import MartletSQL

/// Gives reads to the connections that share them, and their answers back.
///
/// Reads wait here and not at a connection: each goes to the one with the least to do, and to none whose first read takes
/// long. So one slow read holds up nobody but itself.
final class ReadQueue: TurnTaker, ConnectionUser {
    /// A first read that runs longer is slow.
    private static let slow = Duration.milliseconds(5)
    /// By then the server would have ended the first read itself: it doesn't answer.
    private static let silent = Duration.milliseconds(150)
    /// And after that it is not waited for any more.
    private static let stalled = Duration.milliseconds(1000)
    /// For how long a table's reads are kept off the shared connections when one has exceeded its budget there.
    private static let avoidance = Duration.seconds(1)
    /// And its lists, when one was large.
    private static let largeAvoidance = Duration.seconds(10)
    /// So many shared connections may fail a read: by then it may be to blame, and is done alone.
    private static let patience = 2
    /// Scans that wait or are done, at the most: they take long, and shall not take the places of all other reads.
    private static let mostScans = 64
    /// How often all that wait are looked at for those whose time is over.
    private static let sweepPause = Duration.milliseconds(20)

    private let catalog: Catalog
    private var commands: Commands { catalog.commands }
    private let thread: EventThread
    private let availability: Availability
    private let slowReads: SlowReads
    private let scans: Scans
    private let inbox: Inbox<ReadRequest>
    private var waiting = Deque<ReadRequest>()
    private var lines: [ReadLine] = []
    private var answers: [(ReadRequest, Result<RowBatch, StorageError>)] = []
    /// By ordinal: until when a table's reads are slow.
    private var slowUntil: [ContinuousClock.Instant?]
    /// By ordinal: until when lists of a table are taken for large.
    private var largeUntil: [ContinuousClock.Instant?]
    /// By ordinal: of pages in the order of keys.
    private var pageOverruns: [Overruns]
    private let scanBound: Int
    private var scanCount = 0
    /// Why there are no connections, once an attempt to have one has failed.
    private var outage: PostgresError?
    private var lists: ListStatements
    private var parameters = Parameters()
    private var nextSweep = ContinuousClock.now
    private let inspection: TableInspection

    init(
        _ inbox: Inbox<ReadRequest>, _ catalog: Catalog, _ thread: EventThread, _ availability: Availability,
        _ inspection: TableInspection, _ slowReads: SlowReads, _ scans: Scans
    ) {
        self.catalog = catalog
        lists = ListStatements(firstID: catalog.statements.count, in: catalog.namespace)
        self.thread = thread
        self.availability = availability
        self.inbox = inbox
        self.inspection = inspection
        self.slowReads = slowReads
        self.scans = scans
        slowUntil = Array(repeating: nil, count: catalog.tables.count)
        largeUntil = slowUntil
        pageOverruns = Array(repeating: Overruns(), count: catalog.tables.count)
        scanBound = min(Self.mostScans, (inbox.bound + 1) / 2)
    }
}

// MARK: - From any thread

extension Inbox<ReadRequest> {
    func read(_ kind: ReadRequest.Kind, until deadline: ContinuousClock.Instant) async throws(StorageError) -> RowBatch
    {
        let waiter = Abandonment()
        let result = await waiter.watching {
            await withCheckedContinuation { submit(ReadRequest(kind, until: deadline, for: waiter, $0)) }
        }
        return try result.get()
    }

    private func submit(_ request: ReadRequest) {
        if let refusal = offer(request) { request.answer(.failure(refusal)) }
    }
}

extension ReadQueue {
    var hasWork: Bool { inbox.hasNew }

    // MARK: - Connections

    func opened(_ connection: Connection) {
        outage = nil
        connection.onMigration = { [unowned self] in self.inspection.look() }
        // Nobody has heard of one that came while there was no connection.
        if lines.isEmpty { inspection.look() }
        lines.append(ReadLine(connection, self))
        availability.opened(.reads)
    }

    func lost(_ connection: Connection, _ error: PostgresError) {
        lines.removeAll { $0.connection === connection }
        availability.lost(.reads)
    }

    func connectingFailed(_ error: PostgresError) {
        outage = error
        availability.connectingFailed(error)
    }

    // MARK: - Turns

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        for request in inbox.take() { waiting.append(request) }
        for line in lines { look(after: line, now) }
        if now >= nextSweep { sweep(now) }
        dispatch(now)
        for line in lines { line.flush() }
        deliver()
        return inbox.count > 0 ? now + Self.slow : nil
    }

    /// Answers all at once, so that an event loop that waits for several is woken for all of them.
    private func deliver() {
        guard !answers.isEmpty else { return }
        inbox.answered(answers.count)
        for (request, result) in answers { request.answer(result) }
        answers.removeAll(keepingCapacity: true)
    }

    private func look(after line: ReadLine, _ now: ContinuousClock.Instant) {
        if line.connection.isRetired, !line.connection.isExpecting { return line.connection.releaseBuffers() }
        guard let silence = line.silence(now), silence > Self.slow else { return }
        if silence > Self.stalled {
            line.connection.lose(.lost("the server doesn't answer"))
        } else {
            let isSilent = silence > Self.silent
            for request in line.forsake(all: isSilent) {
                if isSilent { failed(request) } else { retry(request) }
            }
        }
    }

    /// Answers those that wait for nothing any more. A request that is tried again comes after newer ones.
    private func sweep(_ now: ContinuousClock.Instant) {
        nextSweep = now + Self.sweepPause
        for line in lines { line.expire(now) }
        waiting.removeAll { request in
            if request.isDone || request.isAlone { return true }
            guard let error = end(of: request, now) else { return false }
            answer(request, .failure(error))
            return true
        }
    }

    private func end(of request: ReadRequest, _ now: ContinuousClock.Instant) -> StorageError? {
        if request.waiter.isAbandoned { return .unavailable("nobody waits for it") }
        if request.deadline <= now {
            return .timedOut(waitingFor: lines.isEmpty ? "a connection to PostgreSQL" : "a free connection")
        }
        return lines.isEmpty ? outage.map { .unavailable($0.description) } : nil
    }

    /// Answers all that wait: there will be no connections any more.
    func end() {
        while let request = waiting.popFirst() { answer(request, .failure(.unavailable("the database is closed"))) }
        deliver()
    }

    private func dispatch(_ now: ContinuousClock.Instant) {
        while let request = waiting.first {
            if request.isDone || request.isAlone {
                waiting.removeFirst()
            } else if request.waiter.isAbandoned {
                waiting.removeFirst()
                answer(request, .failure(.unavailable("nobody waits for it")))
            } else if isSlow(request, now) {
                waiting.removeFirst()
                readSlowly(request, now)
            } else if let line = freeLine(now) {
                waiting.removeFirst()
                parameters.removeAll()
                request.append(to: &parameters)
                line.send(request, statement(of: request), parameters)
            } else {
                return
            }
        }
    }

    private func isSlow(_ request: ReadRequest, _ now: ContinuousClock.Instant) -> Bool {
        if let ordinal = request.ordinal, let end = slowUntil[ordinal], now < end { return true }
        if let ordinal = request.ordinal, let end = largeUntil[ordinal], now < end, !request.isOfKey { return true }
        if case .rows(let table, _) = request.kind {
            return !request.isOfKey && pageOverruns[table.layout.ordinal].areSlow(now)
        }
        return isScan(request, now)
    }

    /// No index bounds it, or that doesn't help.
    private func isScan(_ request: ReadRequest, _ now: ContinuousClock.Instant) -> Bool {
        guard case .list(let list) = request.kind else { return false }
        return !list.isBounded || request.entry(of: list, in: &lists).overruns.areSlow(now)
    }

    private func freeLine(_ now: ContinuousClock.Instant) -> ReadLine? {
        var best: ReadLine?
        for line in lines where line.load < min(ReadLine.window, best?.load ?? .max) {
            if let silence = line.silence(now), silence > Self.slow { continue }
            if line.connection.isRetired { continue }
            best = line
        }
        return best
    }

    // MARK: - From the lines

    func answer(_ request: ReadRequest, _ result: Result<RowBatch, StorageError>) {
        guard !request.isDone else { return }
        request.isDone = true
        answers.append((request, result))
    }

    func retry(_ request: ReadRequest) {
        if !request.isAlone { waiting.append(request) }
    }

    /// Its connection was lost or says nothing, or didn't know its statement any more.
    func failed(_ request: ReadRequest) {
        request.failures += 1
        if request.failures < Self.patience { retry(request) } else { readSlowly(request, .now) }
    }

    func statement(of request: ReadRequest) -> Statement { request.statement(commands, &lists) }

    /// It has taken too long on a shared connection, and so would others, for a while: whatever is read of its table if it was of
    /// one record; lists of its shape, or pages of its table, when that happens again and again.
    func exceeded(_ request: ReadRequest) {
        let now = ContinuousClock.now
        switch request.kind {
        case .list(let list): request.entry(of: list, in: &lists).overruns.add(now)
        case .rows(let table, _) where request.isOfKey: slowUntil[table.layout.ordinal] = now + Self.avoidance
        case .rows(let table, _): pageOverruns[table.layout.ordinal].add(now)
        case .knownResult, .presentColumns, .termination: break
        }
        readSlowly(request, now)
    }

    /// Its rows are too many bytes for a shared connection, and so may be those of other lists of its table, for a while.
    func isLarge(_ request: ReadRequest) {
        let now = ContinuousClock.now
        if let ordinal = request.ordinal {
            if request.isOfKey { slowUntil[ordinal] = now + Self.avoidance }
            largeUntil[ordinal] = now + Self.largeAvoidance
        }
        readSlowly(request, now)
    }

    private func readSlowly(_ request: ReadRequest, _ now: ContinuousClock.Instant) {
        guard !request.isAlone else { return }
        request.isAlone = true
        let isScan = isScan(request, now)
        if isScan {
            guard scanCount < scanBound else { return answer(request, .failure(.overloaded)) }
            scanCount += 1
        }
        let confined = Confined(self, to: thread)
        Task(executorPreference: thread) {
            await confined.withValue { await $0.finishSlowly(request, isScan: isScan) }
        }
    }

    private func finishSlowly(_ request: ReadRequest, isScan: Bool) async {
        let result =
            if isScan, case .list(let list) = request.kind {
                await scans.read(request, list)
            } else {
                await slowReads.read(request, statement(of: request))
            }
        if isScan { scanCount -= 1 }
        answer(request, result)
    }
}
