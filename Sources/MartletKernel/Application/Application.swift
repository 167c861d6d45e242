public import MartletModel

/// The domain: does operations on the configured resources. Transports get it as ``Capability/application``.
public struct Application: Sendable {
    /// Every resource that is served, by name.
    public let resources: [String: ResourceSchema]
    private let storage: any Storage

    public init(resources: [ResourceSchema], storage: any Storage) {
        self.resources = Dictionary(resources.map { ($0.name, $0) }) { first, _ in first }
        self.storage = storage
    }

    /// - Throws: a `Problem` that tells the client what went wrong, whatever it was.
    public func perform(_ operation: Operation) async throws(Problem) -> Outcome {
        let resource = operation.resource
        do throws(Failure) {
            switch operation.action {
            case .read(let key):
                return try .record(await record(key, of: resource))
            case .list(let after, let limit):
                return try await page(of: resource, after: after, limit: limit)
            case .create(let row):
                return try .created(await commit(resource, .insert(row)))
            case .replace(let key, let row), .patch(let key, let row):
                return try .record(await commit(resource, .update(key, row)))
            case .delete(let key):
                _ = try await commit(resource, .delete(key))
                return .deleted
            }
        } catch {
            throw Problem(error, on: resource)
        }
    }

    /// Whether the application can do its work right now.
    public func health() async -> Health {
        await storage.health()
    }

    private func record(_ key: Key, of resource: ResourceSchema) async throws(Failure) -> RowBatch {
        let rows = try await rows(for: Query(resource, .key(key)))
        guard rows.count == 1 else { throw .refused(.notFound) }
        return rows
    }

    private func page(of resource: ResourceSchema, after: Key?, limit: Int) async throws(Failure) -> Outcome {
        // One row more than asked for tells whether there is a next page.
        var rows = try await rows(for: Query(resource, .page(after: after, limit: limit + 1)))
        guard rows.count > limit else { return .page(rows, next: nil) }
        rows.removeLastRow()
        return .page(rows, next: resource.key(ofRow: limit - 1, in: rows))
    }

    private func rows(for query: Query) async throws(Failure) -> RowBatch {
        do throws(StorageError) {
            return try await storage.rows(for: query)
        } catch {
            throw .storage(error)
        }
    }

    private func commit(_ resource: ResourceSchema, _ change: Mutation.Change) async throws(Failure) -> RowBatch {
        let result: CommitResult
        do throws(StorageError) {
            result = try await storage.commit(Transaction(Mutation(resource, change)))
        } catch {
            throw .storage(error)
        }
        switch result {
        case .committed(let records): return records[0]
        case .refused(let refusal): throw .refused(refusal.reason)
        }
    }
}

/// What can stop an operation, before it is put into a client's words.
enum Failure: Error {
    case refused(Refusal.Reason)
    case storage(StorageError)
}
