import CPostgres
import DequeModule
import MartletModel

/// A connection in pipeline mode (<https://www.postgresql.org/docs/current/libpq-pipeline-mode.html>): what is sent waits
/// for no answer, and the answers come in the order of what was sent. It belongs to the ``EventThread``.
final class Connection: Watched {
    private enum Expected {
        /// Of a statement's id, under a number.
        case preparation(of: Int, Int)
        /// What was prepared under a number is dropped.
        case closing(Int)
        /// Of a statement's id, prepared under a number, or 0.
        case answer(any Receiver, of: Int, Int, rowByRow: Bool)
        /// The end of a stretch: an error before it has kept the rest of the stretch from being done.
        case sync((any Receiver)?)
    }

    let descriptor: Int32
    private let handle: OpaquePointer
    private let thread: EventThread
    private let backend: Backend
    private let abandoned: AbandonedBackends
    /// What the names of its prepared statements begin with. No other connection has it, so that a pooler that mixes connections
    /// up can only cause errors, and never run another statement.
    private let namePrefix = "m\(String(UInt64.random(in: 0..<78_364_164_096), radix: 36))_"
    private var expected = Deque<Expected>()
    private var preparations: Preparations
    /// Why the answer that comes next isn't there.
    private var preparationFailure: PostgresError?
    private var isWaitingToWrite = false
    private var sendingFailed = false
    /// Reused for every statement.
    private var values: [UnsafePointer<CChar>?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    /// When something came from the server last, or was sent after a silence.
    private(set) var lastProgress = ContinuousClock.now
    private(set) var isLost = false
    /// When a sign of life was asked for, which hasn't come.
    private var probe: ContinuousClock.Instant?
    private static let silence = Duration.seconds(5)
    /// Rows that have come, one by one, of the statement whose answer comes next.
    private var streamedRows = 0
    /// Its last result has come.
    private var isAnswered = false
    /// Bytes that have come of the result that comes next, about.
    private var unfinishedBytes = 0
    /// Called when they are more than ``largeResult``: libpq keeps all rows of a result that isn't read row by row.
    var onLargeResult: (() -> Void)?
    private static let largeResult = 2 << 20
    /// libpq reads at least so much at a time, if it has come.
    private static let readSize = 16 << 10
    /// So many bytes at most wait in libpq's buffer until the socket takes them.
    private var unsentBytes = 0
    /// When libpq's buffers held more than ``keptBytes`` for the last time. They grow to what they have to hold and never shrink.
    private var lastLargeMessage: ContinuousClock.Instant?
    private static let keptBytes = 256 << 10
    /// Large buffers that were not needed for so long are given back. It is more than a client's pause between large requests.
    private static let bufferTimeout = Duration.seconds(5)
    /// Called when another server has migrated the database.
    var onMigration: (() -> Void)?
    /// Another connection takes its place: its user sends nothing more and closes it when all is answered.
    var isRetired = false
    /// Called once, after all that was expected has been told.
    var onLoss: ((PostgresError) -> Void)?

    /// - Parameter ids: how many statements are prepared at a time.
    init(
        _ connection: BlockingConnection, ids: Int, on thread: EventThread, _ abandoned: AbandonedBackends
    ) throws(PostgresError) {
        (backend, self.abandoned) = (connection.backend, abandoned)
        handle = try connection.giveAway()
        descriptor = pq_socket(handle)
        self.thread = thread
        preparations = Preparations(ids: ids)
        thread.watch(self)
    }

    /// Answers that are still to come.
    var isExpecting: Bool { !expected.isEmpty }

    // MARK: - Sending

    /// Adds a statement to what is sent at the next ``flush()``. Its answer goes to the receiver.
    /// - Parameter rowByRow: each row is an answer of its own, ``Answer/row(_:)``, so that nobody has to hold all of them.
    func send(_ statement: Statement, _ parameters: Parameters, to receiver: any Receiver, rowByRow: Bool = false) {
        thread.assertIsCurrent()
        guard !isLost else { return receiver.receive(.lost(.lost("the connection is lost"))) }
        if expected.isEmpty { lastProgress = .now }
        let number = statement.id == Statement.unprepared ? 0 : preparation(of: statement)
        let isFirst = expected.isEmpty
        expected.append(.answer(receiver, of: statement.id, number, rowByRow: rowByRow))
        lay(parameters) { values, lengths, formats, count in
            let isSent =
                if number != 0 {
                    pq_sendQueryPrepared(handle, name(number), count, values, lengths, formats, 1)
                } else {
                    pq_sendQueryParams(handle, statement.sql, count, oids(statement), values, lengths, formats, 1)
                }
            if isSent == 0 { sendingFailed = true }
        }
        unsentBytes += parameters.bytes.count
        if unsentBytes > Self.keptBytes { lastLargeMessage = .now }
        if isFirst { beginNext() }
    }

    /// libpq takes the mode of a statement when the one before it is done, and before it has read anything of it.
    private func beginNext() {
        (unfinishedBytes, streamedRows, isAnswered) = (0, 0, false)
        if case .answer(_, _, _, rowByRow: true)? = expected.first { _ = pq_setSingleRowMode(handle) }
    }

    /// Ends a stretch.
    func sync(to receiver: (any Receiver)? = nil) {
        thread.assertIsCurrent()
        guard !isLost else { return receiver?.receive(.lost(.lost("the connection is lost"))) ?? () }
        expected.append(.sync(receiver))
        if pq_pipelineSync(handle) == 0 { sendingFailed = true }
    }

    /// Sends what was added, as far as the socket takes it; the rest follows by itself.
    func flush() {
        thread.assertIsCurrent()
        guard !isLost else { return }
        let state = sendingFailed ? -1 : pq_flush(handle)
        guard state >= 0 else { return lose() }
        if state == 0 { unsentBytes = 0 }
        if (state == 1) != isWaitingToWrite {
            isWaitingToWrite = state == 1
            thread.watch(self, forWriting: isWaitingToWrite)
        }
    }

    /// The number under which it is prepared once what is sent has arrived.
    private func preparation(of statement: Statement) -> Int {
        let present = preparations.number(of: statement)
        return present == 0 ? prepare(statement) : present
    }

    private func prepare(_ statement: Statement) -> Int {
        let number = preparations.add(statement)
        // What is outdated goes first: the server never has more than there are ids.
        for number in statement.endsFailure ? [] : preparations.takeOutdated() {
            expected.append(.closing(number))
            let sql = "DEALLOCATE \(name(number))"
            if pq_sendQueryParams(handle, sql, 0, nil, nil, nil, nil, 1) == 0 { sendingFailed = true }
        }
        expected.append(.preparation(of: statement.id, number))
        let (name, types) = (name(number), oids(statement))
        if pq_sendPrepare(handle, name, statement.sql, Int32(types.count), types) == 0 { sendingFailed = true }
        return number
    }

    private func oids(_ statement: Statement) -> [Oid] { statement.types.map { Oid($0) } }

    /// At most 15 bytes, of the first million: such a string needs no memory of its own.
    private func name(_ preparation: Int) -> String { "\(namePrefix)\(preparation)" }

    /// Puts parameters where libpq wants them.
    private func lay(
        _ parameters: Parameters,
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?, Int32) -> Void
    ) {
        values.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        while formats.count < parameters.places.count { formats.append(1) }
        parameters.bytes.withUnsafeBytes { bytes in
            // A null pointer is a null: an empty value needs one that isn't.
            let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)
            for place in parameters.places {
                let value = start.map { ($0 + place.offset).assumingMemoryBound(to: CChar.self) }
                values.append(place.length < 0 ? nil : value)
                lengths.append(max(place.length, 0))
            }
            body(values, lengths, formats, Int32(values.count))
        }
    }

    /// Asks the server for nothing but a sign of life, when it owes no answer, and gives the connection up when none has come.
    func checkLiveness(_ now: ContinuousClock.Instant) {
        if let probe, now - probe >= Self.silence { return lose(.timedOut(waitingFor: "PostgreSQL's sign of life")) }
        guard !isExpecting, !isLost else { return }
        (lastProgress, probe) = (now, now)
        sync()
        flush()
    }

    // MARK: - Receiving

    func becameReady() {
        guard !isLost else { return }
        (lastProgress, probe) = (.now, nil)
        let isAlive = consumeInput()
        // What came before the end is good.
        takeResults()
        guard !isLost else { return }
        takeNotifications()
        if unfinishedBytes > Self.largeResult { onLargeResult?() }
        guard !isLost else { return }
        guard isAlive, pq_status(handle) == CONNECTION_OK else { return lose() }
        flush()
    }

    private func consumeInput() -> Bool {
        let before = onLargeResult == nil ? 0 : Int(martlet_unread(descriptor))
        defer {
            let left = before > Self.readSize ? Int(martlet_unread(descriptor)) : 0
            unfinishedBytes += max(before - left, min(before, Self.readSize))
        }
        return pq_consumeInput(handle) == 1
    }

    private func takeNotifications() {
        var hasMigrated = false
        while let notification = pq_notifies(handle) {
            pq_freemem(notification)
            hasMigrated = true
        }
        if hasMigrated { onMigration?() }
    }

    private func takeResults() {
        while !isLost, let next = expected.first, pq_isBusy(handle) == 0 {
            guard let result = pq_getResult(handle) else {
                // The end of one statement's results.
                if case .sync = next { return }
                if case .answer = next, !isAnswered { return lose(Self.incomplete) }
                expected.removeFirst()
                beginNext()
                continue
            }
            defer { pq_clear(result) }
            // Of all its rows: no single one of them, which the buffer had to hold, was larger.
            if pq_resultMemorySize(result) > Self.keptBytes { lastLargeMessage = .now }
            let status = pq_resultStatus(result)
            if status == PGRES_FATAL_ERROR, pq_status(handle) != CONNECTION_OK { return }
            guard isExpected(result, status, for: next) else { return lose(Self.incomplete) }
            switch next {
            case .sync(let receiver):
                guard status == PGRES_PIPELINE_SYNC else { continue }
                expected.removeFirst()
                beginNext()
                receiver?.receive(.end)
            case .preparation(let id, let number):
                if status != PGRES_COMMAND_OK { preparations.remove(id, number) }
                if status == PGRES_FATAL_ERROR { preparationFailure = PostgresError(result) }
            case .closing(let number):
                let isGone = status == PGRES_COMMAND_OK || PostgresError(result).wantsPreparation
                if !isGone { preparations.putBack(number) }
            case .answer(let receiver, let id, let number, _):
                let outcome = answer(result, status)
                // It is prepared again before it is sent the next time.
                if case .failed(let error) = outcome, error.wantsPreparation {
                    preparations.forget(id, number, isGone: error.isOfMissingStatement)
                }
                receiver.receive(outcome)
            }
        }
    }

    private static let incomplete = PostgresError.lost(
        "messages are missing in PostgreSQL's answer: something between it and Martlet has lost them")

    /// A proxy that loses messages must not make a record that is there a record that isn't, or one statement's rows another's: each
    /// statement has one answer, which says at its end how many rows it has.
    private func isExpected(_ result: OpaquePointer, _ status: ExecStatusType, for next: Expected) -> Bool {
        switch next {
        case .sync: return status == PGRES_PIPELINE_SYNC || status == PGRES_FATAL_ERROR
        case .preparation, .closing: return status != PGRES_PIPELINE_SYNC
        case .answer:
            guard status != PGRES_PIPELINE_SYNC, !isAnswered else { return false }
            if status == PGRES_SINGLE_TUPLE {
                streamedRows += 1
                return true
            }
            isAnswered = true
            let rows = ResultRows(result: result)
            return status != PGRES_TUPLES_OK || rows.statedCount == rows.count + streamedRows
        }
    }

    private func answer(_ result: OpaquePointer, _ status: ExecStatusType) -> Answer {
        switch status {
        case PGRES_SINGLE_TUPLE: return .row(ResultRows(result: result))
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK: return .rows(ResultRows(result: result))
        case PGRES_PIPELINE_ABORTED:
            defer { preparationFailure = nil }
            return preparationFailure.map { .failed($0) } ?? .skipped
        case PGRES_FATAL_ERROR: return .failed(PostgresError(result))
        default: return .failed(.bug("an answer of the kind \(status.rawValue)"))
        }
    }

    // MARK: - The end

    /// Only a new connection has small buffers.
    func hasUnusedBuffers(_ now: ContinuousClock.Instant) -> Bool {
        lastLargeMessage.map { now - $0 > Self.bufferTimeout } ?? false
    }

    /// Closes it for the memory of its buffers.
    func releaseBuffers() {
        lose(.lost("its buffers have grown"))
    }

    func lose() {
        lose(.lost(PostgresError.text(of: handle)))
    }

    /// Gives the connection up, and tells all that wait for it. What the server still does for it is ended.
    func lose(_ error: PostgresError) {
        thread.assertIsCurrent()
        guard !isLost else { return }
        isLost = true
        if isExpecting { abandoned.add(backend, error) }
        thread.unwatch(self)
        pq_finish(handle)
        while let next = expected.first {
            expected.removeFirst()
            switch next {
            case .answer(let receiver, _, _, _), .sync(let receiver?): receiver.receive(.lost(error))
            case .preparation, .closing, .sync(nil): break
            }
        }
        onLoss?(error)
        onLoss = nil
    }
}

/// Whom an answer is for.
protocol Receiver: AnyObject {
    func receive(_ answer: Answer)
}

/// What came of a statement or of the end of a stretch.
enum Answer {
    /// One row of a statement that was sent row by row; ``rows(_:)`` without rows comes after the last. Valid until
    /// ``Receiver/receive(_:)`` returns.
    case row(ResultRows)
    /// Valid until ``Receiver/receive(_:)`` returns.
    case rows(ResultRows)
    case failed(PostgresError)
    /// One before it in its stretch has failed.
    case skipped
    /// The stretch is over.
    case end
    /// There will be no answer.
    case lost(PostgresError)
}
