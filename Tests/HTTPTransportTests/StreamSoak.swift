import Foundation
import MartletKernel
import Synchronization
import Testing

/// 1 GiB in chunks for a slow client, as long as `scripts/soak stream` asks for. The suite has a short one:
/// ``ChunkFlowTests``.
@Suite struct StreamSoak {
    private static let seconds = ProcessInfo.processInfo.environment["MARTLET_SOAK_SECONDS"].flatMap(Double.init)

    // long because it is one measurement, from the start of the server to what it prints.
    @Test(.enabled(if: seconds != nil), .timeLimit(.minutes(60 * 24)))
    func `a slow client costs neither memory nor others' time`() async throws {
        let seconds = try #require(Self.seconds)
        let made = Atomic(0)
        let chunk = [UInt8](repeating: 97, count: 64 << 10)
        try await TestServer.run {
            $0.routes = [
                .streaming { number in
                    made.store(number + 1, ordering: .relaxed)
                    // With bytes of its own, as an export has them.
                    return number < (1 << 30) / chunk.count ? chunk.map { $0 &+ 1 } : nil
                }
            ]
        } _: { server throws in
            let isOver = Gate()
            defer { isOver.open() }
            let slowest = Mutex(Duration.zero)
            Task {
                await onThread {
                    guard let probe = try? server.connect() else { return }
                    while !isOver.isOpen {
                        let began = ContinuousClock.now
                        try? probe.send(Requests.get("/health/live"))
                        let status = try? probe.answer().status
                        #expect(status == 200)
                        let time = ContinuousClock.now - began
                        slowest.withLock { $0 = max($0, time) }
                        RawConnection.pause(milliseconds: 10)
                    }
                }
            }
            let client = try RawConnection(to: server.address, receiveBuffer: 1 << 14)
            RawConnection.pause(milliseconds: 200)
            let before = try Self.resident()
            try client.send(Requests.get("/chunks"))
            let (began, end) = (ContinuousClock.now, ContinuousClock.now + .seconds(seconds))
            var (taken, highest) = (0, before)
            while ContinuousClock.now < end {
                // 100 KiB a second.
                let due = began + .seconds(Double(taken) / Double(100 << 10))
                if due < .now { try client.receive(upTo: 10 << 10) } else { RawConnection.pause(milliseconds: 20) }
                taken += client.takeReceived().utf8.count
                highest = max(highest, try Self.resident())
            }
            let growth = (highest - before) >> 10
            let sent = made.load(ordering: .relaxed) * chunk.count >> 10
            let slow = slowest.withLock { $0 }
            #expect(growth < 16 << 10)
            #expect(slow < .milliseconds(50))
            #expect(taken > Int(seconds) * 50 << 10)
            print(
                "\(Int(seconds)) s: \(taken >> 10) KiB read of \(sent) KiB made, memory grew by \(growth) KiB, "
                    + "/health/live was answered within \(slow)")
        }
    }

    /// Bytes of memory that the process has (proc_pid_status(5)).
    private static func resident() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return (Int(line.filter(\.isNumber)) ?? 0) << 10
    }
}
