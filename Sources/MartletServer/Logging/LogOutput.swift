import Glibc
import MartletKernel
import Synchronization

/// The file descriptor that the log is written to, which may have no reader.
///
/// Lines collect in a buffer, which a thread writes 10 ms after its first line: one write(2) then takes many lines, and no
/// event loop waits for the reader. A warning or an error is written at once, after the lines before it. When a pipe or a
/// terminal takes no more, the buffer fills; then lines are dropped and counted, until there is room again.
final class LogOutput: Sendable {
    /// What waits for the thread. Half as much again is kept for warnings and errors.
    static let bufferLimit = 1 << 18
    /// A pipe takes this many bytes whole (PIPE_BUF, pipe(7)): lines of several processes never mix.
    static let writeLimit = 4096
    private static let delayInMicroseconds: UInt32 = 10_000

    /// Lines that no write has begun with.
    private struct Queue {
        var bytes: [UInt8] = []
        /// Lines that were dropped since the last one that was taken.
        var dropped = 0
        var hasThread = false
    }

    /// Lines that are being written.
    private struct Writer {
        var bytes: [UInt8] = []
        var written = 0
        /// The last write waited for the reader in vain.
        var isStalled = false
    }

    private let descriptor: CInt
    /// A file takes every write at once, so it needn't be asked.
    private let isFile: Bool
    private let timeout: CInt
    private let queue = Mutex(Queue())
    private let writer = Mutex(Writer())
    private let wakeup = BoundedQueue<Void>(bound: 1)

    /// - Parameter timeout: how long a warning may wait for the reader, in milliseconds.
    init(descriptor: CInt, timeout: CInt = 250) {
        self.descriptor = descriptor
        self.timeout = timeout
        var status = stat()
        isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    deinit {
        flush()
        wakeup.close()
    }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Takes a line or, if there is no room for it, counts it as dropped.
    /// - Parameter isUrgent: written before this returns, if the reader takes it.
    /// - Returns: how many lines were dropped before this one, counted once.
    func write(_ line: UnsafeRawBufferPointer, isUrgent: Bool) -> Int {
        let limit = isUrgent ? Self.bufferLimit * 3 / 2 : Self.bufferLimit
        let (dropped, isFirst, hasThread) = queue.withLock { queue in
            guard queue.bytes.count + line.count <= limit else {
                queue.dropped += 1
                return (0, false, true)
            }
            defer { queue.dropped = 0 }
            let isFirst = queue.bytes.isEmpty
            queue.bytes.append(contentsOf: line)
            if !queue.hasThread { queue.hasThread = startThread() }
            return (queue.dropped, isFirst, queue.hasThread)
        }
        if isFirst { _ = wakeup.offer(()) }
        if isUrgent || !hasThread {
            // Another thread that is writing takes this line too.
            _ = writer.withLockIfAvailable { drain(&$0, waiting: $0.isStalled ? 0 : timeout) }
        }
        return dropped
    }

    /// Writes what there is, if the reader takes it within the time-out.
    func flush() {
        writer.withLock { _ = drain(&$0, waiting: timeout) }
    }

    private func startThread() -> Bool {
        SystemThread.start("log") { [wakeup, weak self] in
            while case .elements = wakeup.take(atMost: 1) {
                repeat { usleep(Self.delayInMicroseconds) } while self?.drainFromThread() == false
            }
        }
    }

    private func drainFromThread() -> Bool {
        writer.withLock { drain(&$0, waiting: timeout) }
    }

    /// - Returns: false if the reader takes no more within that time, in milliseconds.
    private func drain(_ writer: inout Writer, waiting timeout: CInt) -> Bool {
        while refill(&writer) {
            guard isWritable(waiting: timeout) else {
                writer.isStalled = true
                return false
            }
            writer.isStalled = false
            let part = writer.bytes[writer.written...]
            let count = part.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, wholeLines(of: $0)) }
            if count < 0 && errno == EINTR { continue }
            // A descriptor that doesn't block, and that others fill between the question and the write.
            if count < 0 && errno == EAGAIN { return false }
            if count > 0 {
                writer.written += count
            } else {
                drop(&writer)
            }
        }
        return true
    }

    /// - Returns: false if nothing is left to be written.
    private func refill(_ writer: inout Writer) -> Bool {
        guard writer.written == writer.bytes.count else { return true }
        writer.written = 0
        writer.bytes.removeAll(keepingCapacity: true)
        return queue.withLock { queue in
            swap(&queue.bytes, &writer.bytes)
            return !writer.bytes.isEmpty
        }
    }

    /// As many lines as one write takes.
    private func wholeLines(of bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count > Self.writeLimit else { return bytes.count }
        let end = bytes[..<Self.writeLimit].lastIndex(of: UInt8(ascii: "\n"))
        return end.map { $0 + 1 } ?? Self.writeLimit
    }

    /// The descriptor is closed, or the disk is full: the lines are lost, and the next ones are tried again.
    private func drop(_ writer: inout Writer) {
        let lines = writer.bytes[writer.written...].count { $0 == UInt8(ascii: "\n") }
        writer.written = writer.bytes.count
        queue.withLock { $0.dropped += lines }
    }

    private func isWritable(waiting timeout: CInt) -> Bool {
        guard !isFile else { return true }
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var ready: CInt
        repeat {
            ready = poll(&request, 1, timeout)
        } while ready < 0 && errno == EINTR
        return ready > 0
    }
}
