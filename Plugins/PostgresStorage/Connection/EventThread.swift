import CPostgres
import Glibc
import MartletKernel
import Synchronization

/// The one thread that talks to the database: it waits for all connections at once, and runs all code that touches them.
///
/// It is a `TaskExecutor`: what is a conversation with the database (a batch of writes, say) is written as an `async`
/// function in a task that prefers this executor, and comes back here whenever it has waited.
///
/// `@unchecked Sendable`: beside the inbox all is used on that thread alone, which debug builds check.
final class EventThread: TaskExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isClosing = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isFinished = true
    }

    private struct Timer {
        let time: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, Never>
    }

    private let inbox = Mutex(Inbox())
    /// 1 while the thread waits, or is about to: who has work for it then writes to ``bell``.
    private let isWaiting = Atomic<Int>(0)
    private let bell: Int32
    private let ownership = ThreadOwnership()
    private let epoll: Int32
    private var watched: [Int32: any Watched] = [:]
    private var timers: [Timer] = []
    /// Room for what one wait tells.
    private var events = [epoll_event](repeating: epoll_event(), count: 64)
    private var turnTakers: [any TurnTaker] = []

    init() throws(PostgresError) {
        bell = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard bell >= 0, epoll >= 0 else { throw PostgresError.system("the system has no descriptor left") }
        watch(bell, forWriting: false, isNew: true)
    }

    deinit {
        Glibc.close(bell)
        Glibc.close(epoll)
    }

    func start() throws(PostgresError) {
        inbox.withLock { $0.isFinished = false }
        guard SystemThread.start("postgres", { self.run() }) else {
            finish()
            throw PostgresError.system("the system has no thread left for the database")
        }
    }

    // MARK: - From any thread

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        inbox.withLock { $0.jobs.append(job) }
        wake()
    }

    /// Sees that the thread takes a turn.
    func wake() {
        guard isWaiting.exchange(0, ordering: .sequentiallyConsistent) == 1 else { return }
        eventfd_write(bell, 1)
    }

    /// Ends the thread when nothing is left to run, and returns then.
    func close() async {
        await withCheckedContinuation { continuation in
            let isFinished = inbox.withLock { inbox in
                inbox.isClosing = true
                if !inbox.isFinished { inbox.waiters.append(continuation) }
                return inbox.isFinished
            }
            if isFinished { continuation.resume() } else { wake() }
        }
    }

    // MARK: - On the thread

    /// Stops a debug build on any other thread.
    @inline(__always) func assertIsCurrent() {
        assert(ownership.isCurrentThread, "what belongs to PostgreSQL's thread is used by another thread")
    }

    /// Asked once in every turn.
    func add(_ taker: any TurnTaker) {
        assertIsCurrent()
        turnTakers.append(taker)
    }

    func watch(_ connection: any Watched) {
        assertIsCurrent()
        watched[connection.descriptor] = connection
        watch(connection.descriptor, forWriting: false, isNew: true)
    }

    var connections: [any Watched] {
        assertIsCurrent()
        return Array(watched.values)
    }

    func unwatch(_ connection: any Watched) {
        assertIsCurrent()
        guard watched.removeValue(forKey: connection.descriptor) != nil else { return }
        var event = epoll_event()
        epoll_ctl(epoll, EPOLL_CTL_DEL, connection.descriptor, &event)
    }

    /// Whether it is to be told when its socket takes more bytes, besides when some have come.
    func watch(_ connection: any Watched, forWriting: Bool) {
        assertIsCurrent()
        watch(connection.descriptor, forWriting: forWriting, isNew: false)
    }

    func sleep(until time: ContinuousClock.Instant) async {
        assertIsCurrent()
        await withCheckedContinuation { timers.append(Timer(time: time, continuation: $0)) }
    }

    /// Ends all that sleeps.
    func endSleep() {
        assertIsCurrent()
        let all = timers
        timers = []
        for timer in all { timer.continuation.resume() }
    }

    private func watch(_ descriptor: Int32, forWriting: Bool, isNew: Bool) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | (forWriting ? EPOLLOUT.rawValue : 0)
        event.data.fd = descriptor
        epoll_ctl(epoll, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event)
    }

    private func run() {
        _ = ownership.claim()
        while true {
            runJobs()
            let now = ContinuousClock.now
            var end: ContinuousClock.Instant? = fireTimers(now)
            for taker in turnTakers {
                guard let next = taker.takeTurn(now) else { continue }
                end = end.map { min($0, next) } ?? next
            }
            isWaiting.store(1, ordering: .sequentiallyConsistent)
            let state = inbox.withLock { (hasJobs: !$0.jobs.isEmpty, isClosing: $0.isClosing) }
            let mayWait = !state.hasJobs && !turnTakers.contains { $0.hasWork }
            if mayWait && state.isClosing { return finish() }
            wait(until: mayWait ? end : now)
            isWaiting.store(0, ordering: .sequentiallyConsistent)
        }
    }

    private func runJobs() {
        while true {
            let jobs = inbox.withLock { inbox in
                defer { inbox.jobs = [] }
                return inbox.jobs
            }
            guard !jobs.isEmpty else { return }
            for job in jobs { job.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    /// - Returns: when the next one is due.
    private func fireTimers(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard !timers.isEmpty else { return nil }
        let due = timers.filter { $0.time <= now }
        if !due.isEmpty {
            timers.removeAll { $0.time <= now }
            for timer in due { timer.continuation.resume() }
        }
        return timers.map(\.time).min()
    }

    private func wait(until end: ContinuousClock.Instant?) {
        let count = epoll_wait(epoll, &events, Int32(events.count), Self.milliseconds(until: end))
        guard count > 0 else { return }
        for event in events.prefix(Int(count)) {
            if event.data.fd == bell {
                var value: eventfd_t = 0
                eventfd_read(bell, &value)
            } else {
                // None if it was let go by another's event of this very round.
                watched[event.data.fd]?.becameReady()
            }
        }
    }

    private static func milliseconds(until end: ContinuousClock.Instant?) -> Int32 {
        guard let end else { return -1 }
        let (seconds, attoseconds) = (end - .now).components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 1_000_000 else { return 1_000_000_000 }
        // Rounded up: a turn before the time would be one for nothing.
        return Int32(seconds * 1000) + Int32((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    private func finish() {
        _ = ownership.release()
        let waiters = inbox.withLock { inbox in
            inbox.isFinished = true
            defer { inbox.waiters = [] }
            return inbox.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// What the thread waits for.
protocol Watched: AnyObject {
    var descriptor: Int32 { get }
    func becameReady()
    func checkLiveness(_ now: ContinuousClock.Instant)
}

/// What has something to do in every turn of the thread: by then all that has come in is known, and can be answered and
/// sent on together.
protocol TurnTaker: AnyObject {
    /// - Returns: when it wants another turn, whatever comes.
    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant?
    /// Something came in from another thread since the last turn.
    var hasWork: Bool { get }
}
