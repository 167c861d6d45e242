import MartletKernel
import MartletModel

/// A database while a clause is checked, to be opened once or several times.
struct Database: Sendable {
    let make: StorageContract.Maker
    let clause: String

    /// Makes and prepares a storage, and closes it whatever happens.
    func open<Result>(
        _ schemas: [ResourceSchema] = Subject.schemas, _ body: (Subject) async throws -> Result
    ) async throws -> Result {
        let storage = try await make()
        do {
            try await storage.prepare(schemas)
            let result = try await body(Subject(storage: storage, clause: clause))
            await storage.close()
            return result
        } catch {
            await storage.close()
            throw error
        }
    }
}
