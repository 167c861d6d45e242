import MartletTesting
import SQLiteStorage
import Testing

/// StorageContractTests check the defaults.
@Suite struct ContractTests {
    /// Each read is interrupted, and done again on the pool.
    @Test(arguments: StorageContract.clauses)
    func `keeps the contract with no budget for reads`(_ clause: StorageContract.Clause) async throws {
        let folder = try TemporaryFolder()
        var options = SQLiteDatabase.Options(path: folder.file("martlet.db"))
        options.readBudget = 1
        options.synchronous = .normal
        try await clause.check { [options] in SQLiteDatabase(options) }
    }
}
