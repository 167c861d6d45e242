import Foundation
import MartletKernel
import MartletTesting
import SQLiteStorage
import Testing

@Suite struct ContractTests {
    @Test(arguments: StorageContract.clauses)
    func `keeps the contract`(_ clause: StorageContract.Clause) async throws {
        let folder = try TemporaryFolder()
        try await clause.check { SQLiteDatabase(.init(path: folder.file("martlet.db"))) }
    }

    @Test(arguments: StorageContract.durabilityClauses)
    func `keeps what was acknowledged`(_ clause: StorageContract.Clause) async throws {
        let folder = try TemporaryFolder()
        try await clause.check { SQLiteDatabase(.init(path: folder.file("martlet.db"))) }
    }

    /// Each read is interrupted, and done again on the pool.
    @Test(arguments: StorageContract.clauses)
    func `keeps the contract with no budget for reads`(_ clause: StorageContract.Clause) async throws {
        let folder = try TemporaryFolder()
        var options = SQLiteDatabase.Options(path: folder.file("martlet.db"))
        options.readBudget = 1
        options.synchronous = .normal
        try await clause.check { [options] in SQLiteDatabase(options) }
    }

    @Test func `answers random operations as the storage in memory does`() async throws {
        let seed = TestSeed.forRun(of: "SQLite and memory")
        let folder = try TemporaryFolder()
        try await RandomOperations(seed: seed).compare {
            var options = SQLiteDatabase.Options(path: folder.file("\(UUID().uuidString).db"))
            options.synchronous = .normal
            return SQLiteDatabase(options)
        }
    }
}
