import Testing

@testable import MartletTesting

@Suite(.serialized) struct RandomOperationsTests {
    @Test(arguments: Fault.someOfEachKind)
    func `random operations find what is wrong with a storage`(_ fault: Fault) async throws {
        let seed = TestSeed.forRun(of: "random operations on a storage that \(fault.testDescription)")
        // Found is enough here: to shrink each would take minutes.
        let comparison = Comparison(makeStorage: fault.make, makeReference: { MemoryStorage() })
        #expect(try await comparison.run(StepSequence(seed: seed, count: 10_000)) != nil)
    }

    @Test func `a failing sequence is shrunk, and told with its seed`() async throws {
        let fault = try #require(Fault.sequential.first { $0.testDescription == "reads null as zero" })
        let difference = try await #require(throws: RandomOperations.Difference.self) {
            try await RandomOperations(seed: 1).compare(fault.make)
        }
        let lines = "\(difference)".split(separator: "\n")
        #expect(lines.first?.contains("with seed 1") == true)
        #expect(lines.contains("The shortest sequence found that fails, of 3 steps:"))
    }

    @Test func `a change that is lost once in 100 is found, and what shows it is short`() async throws {
        let difference = try await #require(throws: RandomOperations.Difference.self) {
            try await RandomOperations(seed: 11).compare { LosingStorage() }
        }
        // Of some hundred steps. The fewest would be three: a record, its change, and what shows that it wasn't kept.
        #expect(difference.first.steps.count > 100)
        #expect(difference.shrunk.steps.count < 100, "\(difference)")
    }

    @Test func `a seed makes the same sequence again`() async {
        var descriptions: Set<String> = []
        for _ in 0..<2 {
            await #expect {
                try await RandomOperations(seed: 7).compare(Fault.ofWriting[0].make)
            } throws: { error in
                descriptions.insert("\(error)")
                return true
            }
        }
        #expect(descriptions.count == 1)
    }

    @Test func `SplitMix64 gives the published numbers`() {
        // The first outputs for seed 1234567 as in the reference implementation's test vectors (prng.di.unimi.it, splitmix64.c).
        var random = SplitMix64(seed: 1_234_567)
        #expect((0..<3).map { _ in random.next() } == [6457827717110365317, 3203168211198807973, 9817491932198370423])
    }
}
