import Glibc
import Synchronization

/// A shell beside the tests that does what it is told, line by line, and tidies up when the tests' process ends, however
/// that happens: its script reads commands from descriptor 3, whose other end only the tests' process has, and answers each
/// with a line there.
final class Supervisor: Sendable {
    private let pid: Int32
    private let socket: Mutex<FileDescriptor?>
    private let what: String

    /// - Parameters:
    ///   - what: what it looks after, for errors.
    ///   - script: in sh. It ends when descriptor 3 does.
    ///   - arguments: its `$1` and so on.
    ///   - log: the path of a file that its standard error is appended to.
    init(
        of what: String, script: String, _ arguments: [String], log: String = "/dev/null"
    ) throws(LiveServerError) {
        let (ours, theirs) = try FileDescriptor.pair()
        let plan = SpawnPlan(output: "/dev/null", log: log, descriptor3: theirs)
        pid = try plan.start(["/bin/sh", "-c", script, "sh"] + arguments, ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        socket = Mutex(ours)
        self.what = what
    }

    /// Ends it, and waits until it has tidied up.
    deinit {
        socket.withLock { $0 = nil }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    /// Sends a command. One at a time: answers carry no sign of what they belong to.
    /// - Returns: the line that the script answers with.
    /// - Throws: ``LiveServerError`` when it ends instead, or says nothing within that time.
    func ask(_ command: String, within time: Duration = .seconds(60)) async throws -> String {
        socket.withLock { $0?.send("\(command)\n") }
        let deadline = ContinuousClock.now + time
        var answer: [UInt8] = []
        while answer.last != UInt8(ascii: "\n") {
            let isLast = ContinuousClock.now >= deadline
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = socket.withLock { recv($0?.number ?? -1, &buffer, buffer.count, Int32(MSG_DONTWAIT)) }
            if count == 0 { throw LiveServerError("\(what) ended") }
            if count > 0 { answer += buffer[..<count]; continue }
            if isLast { throw LiveServerError("\(what) has not answered within \(time)") }
            try await Task.sleep(for: .milliseconds(2))
        }
        return String(decoding: answer.dropLast(), as: UTF8.self)
    }
}
