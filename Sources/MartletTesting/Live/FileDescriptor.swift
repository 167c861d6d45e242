import Glibc

/// A file descriptor that is closed with its owner.
final class FileDescriptor: Sendable {
    let number: Int32

    /// Takes a descriptor over.
    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// Two ends that are connected. Both close when a program is started, so that no child holds one open that isn't its own.
    static func pair() throws(LiveServerError) -> (FileDescriptor, FileDescriptor) {
        var ends: [Int32] = [-1, -1]
        // Sockets, as Glibc's module lacks `pipe2`: a descriptor that is marked later could reach another child first.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw LiveServerError("no pair of sockets: \(String(cString: strerror(errno)))")
        }
        return (FileDescriptor(owning: ends[0]), FileDescriptor(owning: ends[1]))
    }

    /// Sends a few bytes to the other end, if it is still open.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
