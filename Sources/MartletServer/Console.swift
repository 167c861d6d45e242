import Glibc

/// Where commands write: what was asked for, and what went wrong. Lines come without their end.
struct Console: Sendable {
    let output: @Sendable (String) -> Void
    let error: @Sendable (String) -> Void

    static let standard = Console(
        output: { text in
            guard !write(text, to: standardOutput) else { return }
            writeError("can't write the output: \(String(cString: strerror(errno)))")
            exit(ExitStatus.output.rawValue)
        }, error: writeError)

    static let standardOutput = stream(STDOUT_FILENO)
    static let standardError = stream(STDERR_FILENO)

    /// Gives a process that was started without some of its standard streams empty ones. Otherwise the next file or
    /// socket that it opens would take their numbers, and get what is written for people.
    static func openMissing() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // It takes the lowest number that is free.
            _ = open("/dev/null", O_RDWR)
        }
    }

    /// A standard stream, or an empty one in its place: where it was closed, the runtime may have taken its number for
    /// itself before any of this ran, which leaves an inode without a type there.
    private static func stream(_ descriptor: CInt) -> CInt {
        var status = stat()
        let isOpen = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT != 0
        return isOpen ? descriptor : open("/dev/null", O_WRONLY | O_CLOEXEC)
    }

    @Sendable private static func writeError(_ text: String) {
        _ = write(text, to: standardError, patience: 2000)
    }

    /// - Parameter patience: how long a reader may take nothing, in milliseconds; nil is forever.
    /// - Returns: false if it can't be written, with the reason in `errno`. A reader that wants no more is none.
    private static func write(_ text: String, to descriptor: CInt, patience: CInt? = nil) -> Bool {
        var bytes = Array(text.utf8) + [UInt8(ascii: "\n")]
        while !bytes.isEmpty {
            // A pipe that can be written to takes as much as PIPE_BUF without waiting (pipe(7)).
            var length = bytes.count
            if let patience {
                var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                var ready: CInt
                repeat { ready = poll(&request, 1, patience) } while ready < 0 && errno == EINTR
                guard ready > 0 else { return true }
                length = min(length, Int(PIPE_BUF))
            }
            let count = Glibc.write(descriptor, bytes, length)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count < 0 && errno == EPIPE }
            bytes.removeFirst(count)
        }
        return true
    }
}
