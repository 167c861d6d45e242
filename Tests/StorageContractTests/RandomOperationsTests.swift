import Backends
import MartletTesting
import Testing

@Suite struct RandomOperationsTests {
    // Beside the reference itself.
    @Test(arguments: Backend.durable)
    func `20,000 random operations are answered as the reference answers them`(_ backend: Backend) async throws {
        let folder = try TemporaryFolder()
        let seed = TestSeed.forRun(of: "random operations on \(backend)")
        try await RandomOperations(seed: seed).compare {
            // To shrink a sequence that failed it is run again, each time on an empty database.
            try await backend.storage(in: folder.makeFolder())
        }
    }
}
