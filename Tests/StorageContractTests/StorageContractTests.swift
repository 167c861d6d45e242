import Backends
import MartletTesting
import Testing

@Suite struct StorageContractTests {
    @Test func `the databases that were asked for are there`() {
        for name in Backend.chosenNames ?? [] {
            #expect(Backend.known.contains { $0.name == name }, "\(name) is none of \(Backend.known)")
        }
    }

    @Test(arguments: Backend.all, StorageContract.clauses)
    func `a storage keeps the contract`(_ backend: Backend, _ clause: StorageContract.Clause) async throws {
        let folder = try TemporaryFolder()
        try await clause.check { try await backend.storage(in: folder.path) }
    }

    @Test(arguments: Backend.durable, StorageContract.durabilityClauses)
    func `a durable storage keeps what it acknowledged`(
        _ backend: Backend, _ clause: StorageContract.Clause
    ) async throws {
        let folder = try TemporaryFolder()
        try await clause.check { try await backend.storage(in: folder.path) }
    }

    @Test(arguments: Backend.durable, StorageContract.migrationClauses)
    func `a durable storage migrates`(_ backend: Backend, _ clause: StorageContract.Clause) async throws {
        let folder = try TemporaryFolder()
        try await clause.check { try await backend.storage(in: folder.path) }
    }
}
