import Foundation
import Glibc
import Testing

/// A TCP connection of bytes, for what no client does.
final class RawConnection: Sendable {
    private let descriptor: Int32
    private static let queue = DispatchQueue(label: "raw connections", attributes: .concurrent)

    init(to url: String) throws {
        let port = try #require(URL(string: url)?.port)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0, "connecting to \(url)")
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) throws {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            try #require(count > 0, "the other side takes what is sent")
            bytes = bytes.dropFirst(count)
        }
    }

    /// What comes until it ends with `end`; with nil, until the other side closes.
    func received(until end: String?) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { [self] in
                continuation.resume(with: Result { try read(until: end) })
            }
        }
    }

    private func read(until end: String?) throws -> String {
        var text = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while end.map({ !text.hasSuffix($0) }) ?? true {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(Glibc.poll(&poll, 1, 30_000) == 1, "an answer within 30 s; so far: \(text)")
            let count = recv(descriptor, &buffer, buffer.count, 0)
            try #require(count >= 0, "the connection was lost; so far: \(text)")
            if count == 0 { break }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return text
    }
}
