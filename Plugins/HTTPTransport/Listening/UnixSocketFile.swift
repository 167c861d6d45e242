import Glibc
import NIOCore
import SwiftOverlayShims

/// The file that a Unix socket is bound to. It outlives the process that made it, so it has to be looked after.
struct UnixSocketFile: Sendable {
    let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Makes way for a socket at this path: removes one that nobody listens on any more.
    /// - Throws: ``ListenError`` when a server listens there, or when the file is no socket: that is never deleted.
    static func makeWay(at path: String) throws(ListenError) {
        let address = ListenAddress.unix(path: path)
        guard let status = status(of: path) else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ListenError(address, "the file is there and is no socket")
        }
        guard !isAlive(path) else { throw ListenError(address, "another server listens there") }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw ListenError(address, "the old socket can't be removed: \(describe(errno))")
        }
    }

    /// The socket that has just been bound to a path; nil if it is gone already.
    init?(boundTo path: String) {
        guard let status = Self.status(of: path) else { return nil }
        (self.path, device, inode) = (path, status.st_dev, status.st_ino)
    }

    /// Removes the file, unless another one has taken its place.
    func remove() {
        guard let status = Self.status(of: path), status.st_dev == device, status.st_ino == inode else { return }
        unlink(path)
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// Whether somebody listens. A socket without a listener refuses at once; any other answer means that one may be
    /// there, such as a full backlog.
    private static func isAlive(_ path: String) -> Bool {
        guard let address = try? SocketAddress(unixDomainSocketPath: path) else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        let result = address.withSockAddr { connect(descriptor, $0, socklen_t($1)) }
        return result == 0 || errno != ECONNREFUSED
    }
}

/// The system's text for an error number.
func describe(_ number: Int32) -> String {
    String(cString: strerror(number))
}
