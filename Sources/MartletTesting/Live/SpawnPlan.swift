import Foundation
import Glibc

/// How a program is started: what `posix_spawn` wants to know, and what a test's process must not pass on.
struct SpawnPlan {
    let output: String
    let log: String
    /// What the program has as descriptor 3.
    let descriptor3: FileDescriptor

    /// - Returns: the process id.
    func start(_ command: [String], _ environment: [String: String]) throws(LiveServerError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        setFiles(&actions)
        setAttributes(&attributes)
        var pid: pid_t = 0
        let variables = environment.map { "\($0)=\($1)" }
        let error = withCStrings(command) { arguments in
            withCStrings(variables) { variables in
                posix_spawn(&pid, command[0], &actions, &attributes, arguments, variables)
            }
        }
        guard error == 0 else { throw LiveServerError("\(command): \(String(cString: strerror(error)))") }
        return pid
    }

    private func setFiles(_ actions: inout posix_spawn_file_actions_t) {
        let appending = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, appending, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, log, appending, 0o600)
        posix_spawn_file_actions_adddup2(&actions, descriptor3.number, 3)
        // What else the tests' process has open, and would pass on: PostgreSQL doesn't start with too many, and a
        // connection that a test closes would stay open. What is opened meanwhile gets the lowest numbers that are free:
        // between these or just behind them. To close what isn't open is no error.
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let end = min(open.compactMap { Int32($0) }.reduce(3, max) + 64, Int32(sysconf(Int32(_SC_OPEN_MAX))))
        for number in 4..<max(end, 4) { posix_spawn_file_actions_addclose(&actions, number) }
    }

    /// A test's threads block signals and ignore SIGPIPE; a program that inherited that wouldn't hear a SIGTERM.
    private func setAttributes(_ attributes: inout posix_spawnattr_t) {
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }
}

/// The strings as a C array that ends with a null pointer, valid inside `body`.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    let pointers = strings.map { strdup($0) }
    defer { pointers.forEach { free($0) } }
    var array = pointers + [nil]
    return array.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("it holds at least its end") }
        return body(base)
    }
}
