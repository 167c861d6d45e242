import Glibc
import NIOCore
import SwiftOverlayShims

/// The file that a Unix socket is bound to. It outlives the process that made it, so it has to be looked after.
struct UnixSocketFile: Sendable {
    let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Binds a socket to a path.
    ///
    /// Not left to NIO, which removes whatever socket is at the path when it closes: maybe another server's by then.
    ///
    /// - Returns: The socket's descriptor, and its file.
    /// - Throws: ``ListenError`` when a server listens there, or when the file is no socket: that is never deleted.
    static func bind(at path: String, mode: UInt32? = nil) throws(ListenError) -> (
        descriptor: CInt, file: UnixSocketFile
    ) {
        try makeWay(at: path)
        let descriptor = socket(AF_UNIX, socketType, 0)
        guard descriptor >= 0 else { throw ListenError(.unix(path: path), describe(errno)) }
        let result = withAddress(path) { Glibc.bind(descriptor, $0, $1) }
        // Nobody can connect before the server listens, so nobody is let in by the mode that it has until now.
        let isOpened = result == 0 && mode.map { chmod(path, $0) == 0 } ?? true
        guard isOpened, let status = status(of: path) else {
            let reason = describe(errno)
            close(descriptor)
            throw ListenError(.unix(path: path), reason)
        }
        return (descriptor, UnixSocketFile(path: path, device: status.st_dev, inode: status.st_ino))
    }

    /// A file's mode in octal digits; nil for anything else.
    static func mode(_ text: String) -> UInt32? {
        // UInt32 takes a sign, too.
        guard 3...4 ~= text.utf8.count, text.utf8.allSatisfy(\.isDigit), let mode = UInt32(text, radix: 8),
            mode <= 0o777
        else { return nil }
        return mode
    }

    /// Removes a socket that nobody listens on any more.
    private static func makeWay(at path: String) throws(ListenError) {
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
        let descriptor = socket(AF_UNIX, socketType, 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        return withAddress(path) { connect(descriptor, $0, $1) } == 0 || errno != ECONNREFUSED
    }

    private static let socketType =
        Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    /// Calls a function that takes an address; -1 for a path that is too long to be one.
    private static func withAddress(_ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        guard let address = try? SocketAddress(unixDomainSocketPath: path) else {
            errno = ENAMETOOLONG
            return -1
        }
        return address.withSockAddr { call($0, socklen_t($1)) }
    }
}

/// The system's text for an error number.
func describe(_ number: Int32) -> String {
    String(cString: strerror(number))
}
