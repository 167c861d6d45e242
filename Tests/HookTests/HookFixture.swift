import MartletKernel
import MartletModel
import MartletTesting
import Synchronization
import UsersModel

/// An application with hooks, on a database of its own.
struct HookFixture {
    let application: Application
    let storage: any Storage
    private let folder: TemporaryFolder
    private static let resources = [User.schema.resource, AuditEntry.schema.resource]

    init(
        _ hooks: any Hook..., on backend: Backend, hookTimeout: Duration = .seconds(300)
    ) async throws {
        let folder = try TemporaryFolder()
        let storage = try await backend.storage(in: folder.path)
        try await storage.prepare(Self.resources)
        self.init(hooks, hookTimeout, storage, folder)
    }

    private init(
        _ hooks: [any Hook], _ timeout: Duration, _ storage: any Storage,
        _ folder: TemporaryFolder
    ) {
        (self.storage, self.folder) = (storage, folder)
        application = Application(resources: Self.resources, storage: storage, hooks: hooks, hookTimeout: timeout)
    }

    /// One on the same database, with other hooks.
    func with(_ hooks: any Hook...) -> HookFixture {
        HookFixture(hooks, .seconds(300), storage, folder)
    }

    func close() async {
        await storage.close()
    }

    func create(_ name: String, _ email: String, key: String? = nil) async throws -> User {
        try await write(.insert(try row(name, email, for: .create)), key: key)
    }

    func patch(
        _ id: Int64, _ name: String? = nil, _ email: String? = nil, if precondition: Precondition = .none,
        key: String? = nil
    ) async throws -> User {
        try await write(.update(.integer(id), try row(name, email, for: .patch)), if: precondition, key: key)
    }

    func delete(_ id: Int64) async throws -> User {
        try await write(.delete(.integer(id)))
    }

    func write(
        _ change: Mutation.Change, if precondition: Precondition = .none, key: String? = nil
    ) async throws -> User {
        let mutation = Mutation(User.schema.resource, change, if: precondition)
        let idempotency = key.map { Idempotency(scope: $0, fingerprint: 1) }
        let written = try await application.write(Write(mutation, idempotency: idempotency), .test)
        return try User.schema.record(0, of: written[0].record)
    }

    func row(_ name: String?, _ email: String?, for kind: WriteKind) throws -> ValidatedRow {
        var rows = RowBatch(width: User.schema.resource.width)
        rows.appendAbsentRow()
        if let name { rows.set(row: 0, column: 1, to: name) }
        if let email { rows.set(row: 0, column: 2, to: email) }
        return try ValidatedRow(rows, User.schema.resource, for: kind)
    }

    var audit: [String] {
        get async throws {
            let rows = try await storage.rows(
                for: Query(AuditEntry.schema.resource, .page(after: nil, limit: 100)), .test)
            return try (0..<rows.count).map {
                let entry = try AuditEntry.schema.record($0, of: rows)
                return "\(entry.action) \(entry.name)"
            }
        }
    }
}

struct HookFailure: Error {
    let description: String
}

/// Counts what it sees.
final class Observer: Hook {
    let resource = "users"
    let needsStored: Bool
    private let log = Mutex<[String]>([])
    private let interfere: @Sendable (Int) async throws -> Void

    /// - Parameter interfere: what happens between the hook's look at the record and the commit, by the run's number.
    init(needsStored: Bool = false, interfere: @escaping @Sendable (Int) async throws -> Void = { _ in }) {
        self.needsStored = needsStored
        self.interfere = interfere
    }

    var seen: [String] { log.withLock { $0 } }

    func beforeWrite(_ write: inout ProposedWrite) async throws(Problem) {
        let (kind, stored) = (write.kind, write.stored(\User.name))
        let run = log.withLock { log in
            log.append("before \(kind) \(stored ?? "-")")
            return log.count
        }
        do { try await interfere(run) } catch { throw Problem(.internal, "\(error)") }
    }

    func afterCommit(_ write: CommittedWrite) async {
        let name = (try? write.record(as: User.self).name) ?? "?"
        log.withLock { $0.append("after \(write.kind) \(name)") }
    }
}
