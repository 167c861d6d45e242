import Foundation
import Synchronization

/// A server on loopback (or a Unix socket) that does to each connection what a test wants: right, wrong or nothing.
///
/// It reads requests well enough for what libcurl sends, and keeps what it has read.
final class TestServer: Sendable {
    let url: String
    private let listener: Int32
    private let received = Mutex<[TestRequest]>([])
    private let connections = Atomic<Int>(0)

    /// - Parameter serve: called for each connection on a thread of its own; the connection is closed after it.
    init(unixSocket: String? = nil, _ serve: @escaping @Sendable (TestConnection) -> Void) throws {
        if let unixSocket {
            listener = try Self.listen(unixSocket: unixSocket)
            url = "http://martlet.test"
        } else {
            listener = try Self.listenOnLoopback()
            url = "http://127.0.0.1:\(try Self.port(of: listener))"
        }
        Thread.detachNewThread { [self] in
            while case let socket = accept(listener, nil, nil), socket >= 0 {
                let number = connections.add(1, ordering: .relaxed).newValue
                Thread.detachNewThread { [self] in
                    let connection = TestConnection(socket, number: number) { request in
                        self.received.withLock { $0.append(request) }
                    }
                    serve(connection)
                    connection.close()
                }
            }
            close(listener)
        }
    }

    /// One answer to every request.
    convenience init(answering answer: @escaping @Sendable (TestRequest) -> String) throws {
        try self.init(unixSocket: nil) { connection in
            while let request = connection.readRequest() { connection.send(answer(request)) }
        }
    }

    /// Whole requests, in the order in which they came.
    var requests: [TestRequest] { received.withLock { $0 } }

    var connectionCount: Int { connections.load(ordering: .relaxed) }

    /// Takes no further connection.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// A port that nobody listens on. It stays taken until the process ends, or another test's server could get it.
    static func closedPort() throws -> UInt16 {
        var address = loopback
        return try port(of: bind(AF_INET, &address))
    }
}

extension TestServer {
    /// Any free port of the loopback interface.
    private static var loopback: sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func listenOnLoopback() throws -> Int32 {
        var address = loopback
        return try listen(AF_INET, &address)
    }

    private static func listen(unixSocket path: String) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return try listen(AF_UNIX, &address)
    }

    private static func listen<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
        let socket = try bind(family, &address)
        guard Glibc.listen(socket, 512) == 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
        return socket
    }

    private static func bind<Address>(_ family: Int32, _ address: inout Address) throws -> Int32 {
        let socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(socket, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard socket >= 0, status == 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
        return socket
    }

    private static func port(of socket: Int32) throws -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        guard status == 0 else { throw POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
        return UInt16(bigEndian: address.sin_port)
    }
}
