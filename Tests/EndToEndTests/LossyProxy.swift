import Foundation
import Glibc
import Synchronization
import Testing

/// Passes requests on to a server, and loses some of its answers: the server has done what was asked, and the client
/// doesn't know. One request a connection.
final class LossyProxy: Sendable {
    let url: String
    private let listener: Int32
    private let server: UInt16
    private let losses: Atomic<Int>
    private let passed = Atomic<Int>(0)

    /// - Parameter losses: how many answers are lost, the first ones.
    init(to url: String, losing losses: Int) throws {
        server = UInt16(try #require(URL(string: url)?.port))
        self.losses = Atomic(losses)
        let listener = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        try #require(isListening)
        self.listener = listener
        self.url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                Thread.detachNewThread { [self] in
                    serve(client)
                    close(client)
                }
            }
        }
    }

    /// Requests that reached the server.
    var requestCount: Int { passed.load(ordering: .relaxed) }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve(_ client: Int32) {
        let upstream = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(upstream) }
        let isConnected = withUnsafePointer(to: Self.loopback(port: server)) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected, let request = message(from: client) else { return }
        send(request, to: upstream)
        passed.add(1, ordering: .relaxed)
        guard let answer = message(from: upstream), losses.subtract(1, ordering: .relaxed).newValue < 0 else { return }
        send(answer, to: client)
    }

    /// A whole request or answer, its body as long as it says.
    private func message(from socket: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        while true {
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound {
                let length = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
                    .firstMatch(of: /content-length: (\d+)/).flatMap { Int($0.1) }
                if bytes.count >= end + (length ?? 0) { return bytes }
            }
            var chunk = [UInt8](repeating: 0, count: 65536)
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
        }
    }

    private func send(_ bytes: [UInt8], to socket: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
