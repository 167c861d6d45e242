import Glibc
import Synchronization

/// Where lines of the log go: a file descriptor that nobody may be reading.
///
/// A line is one write(2). When a pipe or a terminal takes no more, the server doesn't wait for its reader but once and
/// shortly: lines are dropped and counted until it reads again.
final class LogOutput: Sendable {
    private struct State {
        var lost = 0
        /// The reader was waited for, in vain: that isn't done again before it has read something.
        var isStalled = false
    }

    private let descriptor: CInt
    /// A file takes every write at once, so it needn't be asked.
    private let isFile: Bool
    private let patience: CInt
    private let state = Mutex(State())

    /// - Parameter patience: how long one line may wait for the reader, in milliseconds.
    init(descriptor: CInt, patience: CInt = 250) {
        self.descriptor = descriptor
        self.patience = patience
        var status = stat()
        isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes a line or, if it isn't taken, counts it as lost.
    /// - Returns: how many lines were lost before this one, counted once.
    func write(_ line: UnsafeRawBufferPointer) -> Int {
        // Only one thread asks and writes at a time, or another could fill the pipe between the two and block this one.
        state.withLock { state in
            guard take(line, &state) else {
                state.lost += 1
                return 0
            }
            defer { state.lost = 0 }
            return state.lost
        }
    }

    private func take(_ line: UnsafeRawBufferPointer, _ state: inout State) -> Bool {
        var rest = line
        while !rest.isEmpty {
            guard isFile || isWritable(&state) else { return false }
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            // EAGAIN too ends it: a non-blocking descriptor that others fill between the question and the write.
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    private func isWritable(_ state: inout State) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        var ready: CInt
        repeat {
            ready = poll(&request, 1, state.isStalled ? 0 : patience)
        } while ready < 0 && errno == EINTR
        state.isStalled = ready <= 0
        return ready > 0
    }
}
