import Glibc
import NIOCore
import SwiftOverlayShims

/// A client's socket: bytes out, bytes in. Blocks, at the most for ten seconds at a time.
final class RawConnection {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32
    private var received: [UInt8] = []
    private(set) var isAtEnd = false

    init(to address: SocketAddress, receiveBuffer: Int32? = nil) throws {
        let family: Int32 = if case .unixDomainSocket = address { AF_UNIX } else { AF_INET }
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let result = address.withSockAddr { Glibc.connect(descriptor, $0, socklen_t($1)) }
        guard result == 0 else { throw Failure(description: "connect: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(descriptor, buffer.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
            sent += count
        }
    }

    func closeOutput() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Closes so that the server gets a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(descriptor, Int32(SHUT_RD))
        // An address of the family AF_UNSPEC, which is 0. Connecting to nowhere aborts a TCP connection (tcp(7), connect(2)); the
        // descriptor stays ours.
        let nowhere = [UInt8](repeating: 0, count: MemoryLayout<sockaddr>.size)
        nowhere.withUnsafeBytes { bytes in
            _ = connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
        }
    }

    /// Reads one answer.
    func answer(isHead: Bool = false) throws -> RawAnswer {
        while true {
            if let (answer, length) = try RawAnswer.parse(received, isHead: isHead) {
                received.removeFirst(length)
                return answer
            }
            guard try receive() else {
                throw Failure(
                    description:
                        "the connection ended after \(String(decoding: received.suffix(200), as: UTF8.self).debugDescription)"
                )
            }
        }
    }

    /// Reads answers until the server closes.
    func answersToEnd() throws -> [RawAnswer] {
        while try receive() {}
        var answers: [RawAnswer] = []
        while !received.isEmpty {
            guard let (answer, length) = try RawAnswer.parse(received, isHead: false) else {
                throw Failure(
                    description:
                        "a cut answer: \(String(decoding: received.suffix(200), as: UTF8.self).debugDescription)")
            }
            received.removeFirst(length)
            answers.append(answer)
        }
        return answers
    }

    /// Reads up to `ending`, and with it.
    func text(through ending: String) throws -> String {
        let ending = Array(ending.utf8)
        var searched = 0
        while true {
            let starts = searched..<max(received.count - ending.count + 1, searched)
            let found = starts.first { start in
                received[start] == ending[0] && received[start...].starts(with: ending)
            }
            if let found {
                defer { received.removeFirst(found + ending.count) }
                return String(decoding: received[..<(found + ending.count)], as: UTF8.self)
            }
            searched = max(received.count - ending.count, 0)
            guard try receive() else {
                throw Failure(description: "the connection ended after \(received.count) bytes")
            }
        }
    }

    /// What has come and was not read as an answer.
    func takeReceived() -> String {
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether the server closes without another byte.
    func endsSilently() throws -> Bool {
        while try receive() {}
        return received.isEmpty
    }

    /// - Returns: False at the end.
    @discardableResult
    func receive(upTo most: Int = 1 << 16) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: most)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failure(description: "recv: \(String(cString: strerror(errno)))") }
        received += buffer[..<count]
        isAtEnd = count == 0
        return count > 0
    }

    /// Whether there is something to read, the end included.
    func hasInput(within milliseconds: Int32) throws -> Bool {
        if !received.isEmpty { return true }
        return wait(for: Int16(POLLIN), milliseconds) & Int16(POLLIN) != 0
    }

    /// Whether the server has closed the connection wholly, so that what we send is answered with a reset.
    func isCut(within milliseconds: Int32) -> Bool {
        for _ in 0..<milliseconds / 10 {
            if (try? send("x")) == nil { return true }
            if wait(for: 0, 10) & Int16(POLLERR | POLLHUP) != 0 { return true }
        }
        return false
    }

    /// Bytes that still come before the server closes or resets the connection.
    func countToEnd() -> Int {
        while (try? receive()) == true {}
        return received.count
    }

    func pause(milliseconds: Int32) throws {
        _ = wait(for: 0, milliseconds)
    }

    /// What has come after so long, up to 4 KiB of it, without taking it.
    func peek(_ milliseconds: Int32) throws -> String {
        guard try hasInput(within: milliseconds) else { return "" }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_PEEK))
        return String(decoding: buffer[..<max(count, 0)], as: UTF8.self)
    }

    static func pause(milliseconds: UInt32) {
        usleep(milliseconds * 1000)
    }

    private func wait(for events: Int16, _ milliseconds: Int32) -> Int16 {
        var descriptor = pollfd(fd: descriptor, events: events, revents: 0)
        return poll(&descriptor, 1, milliseconds) > 0 ? descriptor.revents : 0
    }
}
