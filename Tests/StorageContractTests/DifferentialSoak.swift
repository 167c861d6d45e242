import Backends
import Foundation
import MartletTesting
import Testing

/// Random sequences one after the other, as long as `scripts/soak differential` asks for. The suite has one.
@Suite struct DifferentialSoak {
    private static let environment = ProcessInfo.processInfo.environment

    @Test(.enabled(if: environment["MARTLET_SOAK_SECONDS"] != nil), .timeLimit(.minutes(60 * 24 * 30)))
    func `sequence after sequence is answered as the reference answers it`() async throws {
        let seconds = try #require(Self.environment["MARTLET_SOAK_SECONDS"].flatMap(Double.init))
        let name = Self.environment["MARTLET_SOAK_BACKEND"] ?? "sqlite"
        let backend = try #require(Backend.all.first { $0.name == name }, "no backend \(name)")
        let end = ContinuousClock.now + .seconds(seconds)
        var seed = TestSeed.forRun(of: "soak on \(backend)")
        var sequences = 0
        repeat {
            let folder = try TemporaryFolder()
            try await RandomOperations(seed: seed).compare { try await backend.storage(in: folder.makeFolder()) }
            sequences += 1
            print("\(sequences): seed \(seed), no difference")
            seed &+= 1
        } while ContinuousClock.now < end
        print("ok: \(sequences) sequences of \(RandomOperations.usualCount) operations on \(backend), no difference")
    }
}
