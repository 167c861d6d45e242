import Foundation
import MartletTesting
import Testing

@Suite struct DescriptorTests {
    /// The limit is the server's alone: a shell sets it, and becomes the server. It leaves room for what the server inherits
    /// when other tests start programs at the same time.
    @Test func `when file descriptors run out, accepting pauses, and goes on when some are free`() async throws {
        let folder = try TemporaryFolder()
        let limited = folder.file("limited")
        try folder.write("#!/bin/sh\nulimit -n 200\nexec '\(Executable.martlet)' \"$@\"\n", to: "limited")
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: limited)
        let server = try await LiveServer(executable: limited, configuration: .sqlite)

        let first = try RawConnection(to: server.url)
        try await expectAnswer(on: first)
        var others: [RawConnection] = []
        for _ in 0..<300 { others.append(try RawConnection(to: server.url)) }
        // It serves whom it has, and has not ended.
        try await expectAnswer(on: first)
        for connection in others { try connection.send(request) }
        try await expectAnswer(on: first)
        // Most of them wait to be accepted: each that closes makes room for one.
        while !others.isEmpty {
            #expect(try await others.removeFirst().received(until: end).hasPrefix("HTTP/1.1 200 "))
        }
        let late = try RawConnection(to: server.url)
        try await expectAnswer(on: late)
        #expect(try await server.terminate() == .exited(0))
    }

    private let request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    private let end = #"{"status":"live"}"#

    private func expectAnswer(on connection: RawConnection) async throws {
        try connection.send(request)
        #expect(try await connection.received(until: end).hasPrefix("HTTP/1.1 200 "))
    }
}
