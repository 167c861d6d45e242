import MartletTesting
import Testing

@Suite struct MemoryStorageTests {
    @Test(arguments: StorageContract.clauses)
    func `keeps the contract`(_ clause: StorageContract.Clause) async throws {
        try await clause.check { MemoryStorage() }
    }

    @Test func `answers random operations as another of its kind does`() async throws {
        let seed = TestSeed.forRun(of: "two memory storages")
        try await RandomOperations(seed: seed).compare { MemoryStorage() }
    }
}
