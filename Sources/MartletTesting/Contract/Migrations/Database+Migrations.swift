import MartletKernel
import MartletModel

extension MisfittingVersion {
    static func withoutSize() throws -> [ResourceSchema] {
        try [
            ResourceSchema(
                "things", [key, FieldSchema("name", .string), FieldSchema("tag", .string, isNullable: true)]),
            ResourceSchema("boxes", [key]),
        ]
    }

    /// As they are read.
    static func stored() -> [[String: JSONValue]] {
        records.enumerated().map { $1.merging(["id": .integer($0 + 1), "tag": $1["tag"] ?? .null]) { _, new in new } }
    }
}

extension Database {
    /// Fills it with the records of ``MisfittingVersion/before()``.
    func fill() async throws {
        let schemas = try MisfittingVersion.before()
        try await open(schemas) { subject in
            for record in MisfittingVersion.records { try await subject.insert(record, into: schemas[0]) }
            try await subject.insert([:], into: schemas[1])
            let last = try await subject.insert(["name": "gone", "size": 1], into: schemas[0])
            try await subject.done(Mutation(schemas[0], .delete(last)))
        }
    }

    /// It still fits the schemas that it was filled with, and has their records.
    func expectUnchanged() async throws {
        let schemas = try MisfittingVersion.before()
        try await expectFits(schemas)
        try await open(schemas) { subject in
            try await subject.expect(subject.fields(of: schemas[0]), MisfittingVersion.stored(), "the records")
        }
    }

    /// Why a migration is refused.
    func refusal(of schemas: [ResourceSchema], _ mode: Migration.Mode) async throws -> String {
        let storage = try await make()
        var refusal: String?
        do {
            // A start is a lossless migration.
            if mode == .lossless {
                try await storage.prepare(schemas)
            } else {
                _ = try await storage.migrate(to: schemas, mode)
            }
        } catch StorageError.unusable(let text) {
            refusal = text
        }
        await storage.close()
        guard let refusal else { throw ContractViolation("\(clause): the migration is refused") }
        return refusal
    }

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
