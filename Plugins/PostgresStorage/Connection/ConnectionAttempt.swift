import CPostgres
import Glibc
import MartletKernel
import Synchronization

/// One attempt to connect, on a thread of its own. libpq looks up a host's name there with a call that has no deadline, so
/// that thread may be left behind: it then closes what it still gets.
final class ConnectionAttempt: Sendable {
    /// libpq's connection. `@unchecked Sendable`: one thread uses it at a time.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private enum State {
        case connecting
        case connected(Handle?)
        case abandoned
    }

    /// Threads that may be left behind at a time.
    private static let limit = 64
    private static let abandonedCount = Atomic(0)

    private let state = Mutex(State.connecting)
    /// Readable once the attempt has ended.
    private let ending: Int32

    private init() throws(PostgresError) {
        ending = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard ending >= 0 else { throw .system("the system has no descriptor left") }
    }

    deinit {
        close(ending)
    }

    /// - Parameter isVerbose: the connection's error message is libpq's verbose one.
    /// - Returns: a connection, which may be one that failed: its status tells.
    static func connect(
        _ keywords: [(String, String)], until deadline: ContinuousClock.Instant, _ interruption: Interruption?,
        isVerbose: Bool = false
    ) throws(PostgresError) -> OpaquePointer {
        guard abandonedCount.load(ordering: .relaxed) < limit else {
            throw .timedOut(waitingFor: "\(limit) earlier attempts to connect, which have not ended")
        }
        let attempt = try ConnectionAttempt()
        let isStarted = SystemThread.start("postgres-open") {
            attempt.finish(isVerbose ? verboseConnection(keywords, until: deadline) : libpqConnection(keywords))
        }
        guard isStarted else { throw .system("the system has no thread left for the database") }
        Deadline.wait(for: attempt.ending, Int16(POLLIN), until: deadline, interruption)
        return try attempt.take()
    }

    private func finish(_ handle: OpaquePointer?) {
        let handle = handle.map(Handle.init)
        let isAbandoned = state.withLock { state in
            if case .abandoned = state { return true }
            state = .connected(handle)
            return false
        }
        if isAbandoned {
            Self.abandonedCount.subtract(1, ordering: .relaxed)
            if let handle { pq_finish(handle.pointer) }
        } else {
            eventfd_write(ending, 1)
        }
    }

    private func take() throws(PostgresError) -> OpaquePointer {
        let handle: Handle?? = state.withLock { state in
            if case .connected(let handle) = state { return .some(handle) }
            state = .abandoned
            return nil
        }
        guard let handle else {
            Self.abandonedCount.add(1, ordering: .relaxed)
            throw .timedOut(waitingFor: "a connection to PostgreSQL")
        }
        guard let handle else { throw .system("no memory for a connection") }
        // Without one of ours libpq prints notices to standard error, among the lines of the log: that a connection is ended, say.
        _ = pq_setNoticeReceiver(handle.pointer, { _, _ in }, nil)
        return handle.pointer
    }

    /// It tries hosts one after the other, each for `connect_timeout` at most.
    static func libpqConnection(_ keywords: [(String, String)]) -> OpaquePointer? {
        // 1: the keyword dbname may hold a whole connection string.
        withCStrings(keywords) { pq_connectdbParams($0, $1, 1) }
    }

    /// The same in steps, since the verbosity can be set only on an attempt that has begun. `connect_timeout` has no effect here.
    private static func verboseConnection(
        _ keywords: [(String, String)], until deadline: ContinuousClock.Instant
    ) -> OpaquePointer? {
        guard let handle = withCStrings(keywords, { pq_connectStartParams($0, $1, 1) }) else { return nil }
        _ = pq_setErrorVerbosity(handle, PQERRORS_VERBOSE)
        var events = Int16(POLLOUT)
        while pq_status(handle) != CONNECTION_BAD,
            Deadline.wait(for: pq_socket(handle), events, until: deadline, nil)
        {
            switch pq_connectPoll(handle) {
            case PGRES_POLLING_READING: events = Int16(POLLIN)
            case PGRES_POLLING_WRITING: events = Int16(POLLOUT)
            default: return handle
            }
        }
        return handle
    }

    private static func withCStrings<Result>(
        _ keywords: [(String, String)],
        _ body: ([UnsafePointer<CChar>?], [UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let names = keywords.map { strdup($0.0) }
        let values = keywords.map { strdup($0.1) }
        defer { for text in names + values { free(text) } }
        // Both end with a null.
        return body(names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
    }
}

/// Waits on a thread that may block.
enum Deadline {
    /// - Returns: false when the time or the interruption came first.
    @discardableResult
    static func wait(
        for descriptor: Int32, _ events: Int16, until deadline: ContinuousClock.Instant, _ interruption: Interruption?
    ) -> Bool {
        while true {
            let left = deadline - .now
            guard left > .zero else { return false }
            // Rounded up, and asked again after a minute.
            let milliseconds = Int32(min(left, .seconds(60)) / .milliseconds(1)) + 1
            // A negative descriptor is passed over.
            var requests = [
                pollfd(fd: descriptor, events: events, revents: 0),
                pollfd(fd: interruption?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            // -1 with EINTR: signals are other threads', but a debugger's may come.
            guard poll(&requests, 2, milliseconds) > 0 else { continue }
            return requests[1].revents == 0
        }
    }
}

/// Ends all waits on threads that may block: the server was told to end before it had started.
final class Interruption: Sendable {
    /// Readable once it has come.
    fileprivate let descriptor: Int32

    /// Without a descriptor nothing is interrupted, and all waits end at their deadlines.
    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func interrupt() {
        if descriptor >= 0 { eventfd_write(descriptor, 1) }
    }
}
