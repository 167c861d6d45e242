import Foundation
import MartletTesting
import Testing

@Suite struct DescriptorTests {
    @Test func `when file descriptors run out, accepting pauses, and goes on when some are free`() async throws {
        let server = try await LiveServer(configuration: .sqlite)
        try await limitDescriptors(of: server, toFurther: 24)

        let first = try RawConnection(to: server.url)
        try await expectAnswer(on: first)
        var others: [RawConnection] = []
        for _ in 0..<60 { others.append(try RawConnection(to: server.url)) }
        let deadline = ContinuousClock.now + .seconds(60)
        while !server.log.contains("accepting pauses"), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(5))
        }
        try #require(server.log.contains("accepting pauses"))
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

    private func limitDescriptors(of server: LiveServer, toFurther count: Int) async throws {
        let used = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.pid)/fd").compactMap(Int.init)
        // The limit is on a descriptor's number, and the lowest free one is taken: those in use may leave gaps.
        let free = (0...).lazy.filter { !used.contains($0) }
        let limit = try #require(free.dropFirst(count).first { _ in true })
        let prlimit = try ChildProcess(
            "/usr/bin/prlimit", ["--pid", "\(server.pid)", "--nofile=\(limit)"], in: server.folder.path)
        try #require(await prlimit.ending(within: .seconds(60)) == .exited(0))
    }

    private func expectAnswer(on connection: RawConnection) async throws {
        try connection.send(request)
        #expect(try await connection.received(until: end).hasPrefix("HTTP/1.1 200 "))
    }
}
