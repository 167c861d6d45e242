import Glibc
import Synchronization

/// A program that runs beside the test, in a process group of its own.
///
/// It never outlives the test's process, however that ends: a watcher waits on a socket whose other end only the
/// test's process has, and kills the program when it closes without a word. (`PR_SET_PDEATHSIG` would be no help: it acts
/// when the *thread* ends that forked, and a test's threads come and go.)
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum Ending: Sendable, Equatable {
        /// It exited with this status.
        case exited(Int32)
        /// This signal ended it.
        case signalled(Int32)
    }

    private struct State {
        var ending: Ending?
        /// The other end of the watcher's socket, until the program has ended.
        var leash: FileDescriptor?
    }

    /// The program's process id.
    public let pid: Int32
    /// Guards the id too: once the program has been waited for, another process may get it.
    private let state: Mutex<State>

    /// Starts a program.
    /// - Parameters:
    ///   - executable: its path.
    ///   - arguments: without the program's name.
    ///   - environment: all of it; the test's own is not passed on.
    ///   - folder: its working directory.
    ///   - output: the path of a file that its standard output is appended to.
    ///   - log: the path of a file that its standard error is appended to.
    /// - Throws: ``LiveServerError`` when it can't be started.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:], in folder: String,
        output: String = "/dev/null", log: String = "/dev/null"
    ) throws(LiveServerError) {
        let (leash, watched) = try FileDescriptor.pair()
        let plan = SpawnPlan(output: output, log: log, descriptor3: watched)
        pid = try plan.start(["/bin/sh", "-c", Self.watchedStart, "sh", folder, executable] + arguments, environment)
        state = Mutex(State(leash: leash))
    }

    /// The watcher is a child of the shell that becomes the program: to it `$$` is the program's id. It kills nothing
    /// when it can read a line, which says that the program has ended.
    package static let watchedStart = """
        cd "$1" || exit 127
        shift
        (read -r _ <&3 || kill -KILL $$) &
        exec 3<&-
        exec "$@"
        """

    deinit {
        send(SIGKILL)
        _ = reap(waiting: true)
    }

    /// Sends a signal, unless the process has ended.
    public func send(_ signal: Int32) {
        state.withLock { state in
            if state.ending == nil { kill(pid, signal) }
        }
    }

    /// How it ended; nil while it runs.
    public var ending: Ending? { reap(waiting: false) }

    /// Waits for its end.
    /// - Returns: how it ended; nil when it still runs after that time.
    public func ending(within time: Duration) async throws -> Ending? {
        let deadline = ContinuousClock.now + time
        while ending == nil, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(2))
        }
        return ending
    }

    private func reap(waiting: Bool) -> Ending? {
        state.withLock { state in
            if let ending = state.ending { return ending }
            // First without reaping: the watcher has to know before the id can be another process's.
            var info = siginfo_t()
            while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT | (waiting ? 0 : WNOHANG)) != 0, errno == EINTR {}
            guard info.si_signo == SIGCHLD else { return nil }
            state.leash?.send("\n")
            state.leash = nil
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            state.ending = status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
            return state.ending
        }
    }
}
