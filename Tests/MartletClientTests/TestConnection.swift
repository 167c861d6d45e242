import Foundation

/// The server's end of a connection.
final class TestConnection {
    /// 1 for the server's first connection.
    let number: Int
    private var socket: Int32
    private var buffer: [UInt8] = []
    private let record: (TestRequest) -> Void

    init(_ socket: Int32, number: Int, record: @escaping (TestRequest) -> Void) {
        self.socket = socket
        self.number = number
        self.record = record
    }

    /// The next whole request; nil when the client has closed the connection.
    func readRequest() -> TestRequest? {
        let separator = Array("\r\n\r\n".utf8)
        while true {
            if let range = buffer.firstRange(of: separator) {
                let head = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
                var request = TestRequest(connection: number, head: head, body: [])
                let length = Int(request["Content-Length"] ?? "0") ?? 0
                if buffer.count - range.upperBound >= length {
                    request.body = Array(buffer[range.upperBound...].prefix(length))
                    buffer.removeFirst(range.upperBound + length)
                    record(request)
                    return request
                }
            }
            guard receive() else { return nil }
        }
    }

    /// Waits until the client closes the connection.
    func waitForEnd() {
        while receive() {}
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// - Returns: whether the client still takes it.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    func close() {
        guard socket >= 0 else { return }
        // A child of this process may have inherited it: close alone wouldn't end the connection then.
        shutdown(socket, Int32(SHUT_RDWR))
        Glibc.close(socket)
        socket = -1
    }

    private func receive() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        buffer += bytes[..<count]
        return true
    }
}
