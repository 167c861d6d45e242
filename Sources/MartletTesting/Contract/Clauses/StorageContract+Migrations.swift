import MartletKernel
import MartletModel

extension StorageContract {
    static let evolution: [Clause] = Evolution.pairs.map { old, new in
        .reopening("version \(old) of some schemas becomes version \(new), with every record") { database in
            var records = try EvolvingRecords(version: old)
            let versions = try await database.open(records.resources) { subject in
                try await records.insert(from: 0...old, into: subject)
                try await records.useUpKey(in: subject)
                try await records.expect(in: subject)
                return try await subject.versions(of: records.resources[0])
            }
            try records.change(to: new)
            try await database.open(records.resources) { subject in
                try await records.expect(in: subject)
                try await subject.expect(
                    subject.versions(of: records.resources[0]), versions, "the versions of the records")
                try await records.insert(from: old + 1...new, into: subject)
                try await records.expect(in: subject)
            }
            try await database.expectFits(records.resources)
        }
    }
}

extension Database {
    /// Nothing is to be migrated: the database is as a new one of these schemas.
    func expectFits(_ schemas: [ResourceSchema]) async throws {
        let migration = try await migrate(to: schemas, .plan)
        guard migration.isNothing else {
            throw ContractViolation("\(clause): the database fits\n  got: \(migration.script)")
        }
    }

    /// Makes a storage for one migration.
    func migrate(to schemas: [ResourceSchema], _ mode: Migration.Mode) async throws -> Migration {
        let storage = try await make()
        let result: Result<Migration, StorageError>
        do throws(StorageError) {
            result = .success(try await storage.migrate(to: schemas, mode))
        } catch {
            result = .failure(error)
        }
        await storage.close()
        return try result.get()
    }
}
