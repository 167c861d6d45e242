public import Logging
public import MartletModel

/// The domain: reads and writes the configured resources. Transports get it as ``Capability/application``.
public final class Application: Sendable {
    /// Every resource that is served, by name.
    public let resources: [String: ResourceSchema]
    let storage: any Storage
    let hooks: [String: [any Hook]]
    let hookTimeout: Duration
    let routeTimeout: Duration
    let logger: Logger
    private let clock: WallClock
    private let random: RandomSource

    /// 5 seconds.
    public static let defaultHookTimeout = Duration.seconds(5)

    /// 30 seconds.
    public static let defaultRouteTimeout = Duration.seconds(30)

    /// - Parameters:
    ///   - hookTimeout: how long the hooks of one write may take, before the commit and again after it.
    ///   - routeTimeout: how long the handler of a plugin's route may take.
    public init(
        resources: [ResourceSchema], storage: any Storage, hooks: [any Hook] = [],
        hookTimeout: Duration = Application.defaultHookTimeout,
        routeTimeout: Duration = Application.defaultRouteTimeout, clock: WallClock = .system,
        random: RandomSource = .system, logger: Logger = Logger(label: "application")
    ) {
        self.hookTimeout = hookTimeout
        self.routeTimeout = routeTimeout
        self.logger = logger
        self.resources = Dictionary(resources.map { ($0.name, $0) }) { first, _ in first }
        self.storage = storage
        self.hooks = Dictionary(grouping: hooks, by: \.resource)
        self.clock = clock
        self.random = random
    }

    /// Reads the record with this key.
    /// - Throws: a `Problem` that tells the client what went wrong, as the other two do: `not_found` if there is none.
    public func read(
        _ key: Key, of resource: ResourceSchema, expanding expansions: [Expansion] = [], _ context: RequestContext
    ) async throws(Problem) -> FoundRecord {
        try await record(key, of: resource, expanding: expansions, context)
    }

    /// Begins the same read of a record alone.
    package func beginRead(
        _ key: Key, of resource: ResourceSchema, _ context: RequestContext
    ) throws(Problem) -> Eventual<RowBatch, Problem> {
        try beginRead(Query(resource, .key(key), reservation: context.reservation), context).map {
            rows throws(Problem) in
            guard rows.count == 1 else { throw .noRecord(of: resource) }
            return rows
        }
    }

    /// Begins the same read of a page. One that is counted or expanded takes several reads, and is waited for.
    package func beginList(_ request: ListRequest, _ context: RequestContext) throws(Problem) -> Eventual<Page, Problem>
    {
        guard !request.isCounted, request.expansions.isEmpty else {
            return .later { () async throws(Problem) -> Page in try await self.list(request, context) }
        }
        let query = query(request, context)
        return try beginRead(query, context).map { rows throws(Problem) in
            var page = try self.page(rows, of: query, request)
            let fitting = page.rows.count(embedding: [], within: request.maxBytes)
            if fitting < page.rows.count { try self.cut(&page, to: fitting, request) }
            return page
        }
    }

    /// Reads a page of a list.
    public func list(_ request: ListRequest, _ context: RequestContext) async throws(Problem) -> Page {
        try await page(request, context)
    }

    /// Writes, whole or not at all.
    /// - Returns: what was written, mutation by mutation.
    public func write(_ write: Write, _ context: RequestContext) async throws(Problem) -> [Written] {
        let bytes = write.byteCount
        guard bytes <= BufferBudget.uncounted || context.reservation?.grow(by: bytes) ?? true else {
            throw Problem(StorageError.overloaded)
        }
        do throws(Problem) {
            return try await commit(write, context)
        } catch {
            throw await addingDanglingReferences(to: error, context)
        }
    }

    /// What a write with this idempotency key has given before: as ``write(_:_:)`` would, but nothing is written.
    /// - Parameter write: of the same resources in the same order; its values don't matter.
    /// - Returns: nil if no such write was committed within 24 hours, or if there is no key.
    /// - Throws: `idempotency_key_reused` if the key was another request's.
    public func replay(_ write: Write, _ context: RequestContext) async throws(Problem) -> [Written]? {
        guard write.idempotency != nil else { return nil }
        let time = Timestamp(clamping: clock.now())
        if let known = try await replay(write.mutations, of: write, at: time, context) { return known }
        let transaction = Transaction(write.mutations, of: write, at: time, context)
        guard let known = try await replay(transaction, context) else { return nil }
        return try written(known, write.mutations, write.form)
    }

    /// Whether the application can do its work right now.
    public func health() async -> Health {
        await storage.health()
    }
}

// MARK: - Writing

extension Application {
    private func commit(_ write: Write, _ context: RequestContext) async throws(Problem) -> [Written] {
        let time = Timestamp(clamping: clock.now())
        var mutations = write.mutations
        try checkPreconditions(of: write)
        for (index, mutation) in mutations.enumerated() {
            if let keyed = withKey(mutation) { mutations[index] = keyed }
        }
        if let known = try await replay(mutations, of: write, at: time, context) { return known }
        if !hooks.isEmpty, mutations.contains(where: { hooks[$0.resource.name] != nil }) {
            return try await HookedWrite(self, write, mutations, time, context).commit()
        }
        let result = try await commit(Transaction(mutations, of: write, at: time, context), context)
        switch result {
        case .committed(let written), .replayed(let written): return written
        case .refused(let refusals): throw Problem(refusals, of: mutations, write.form)
        }
    }

    /// The result of a write that an earlier version has committed under another scope.
    private func replay(
        _ mutations: [Mutation], of write: Write, at time: Timestamp, _ context: RequestContext
    ) async throws(Problem) -> [Written]? {
        guard let idempotency = write.idempotency, let scope = idempotency.formerScope else { return nil }
        let former = Idempotency(scope: scope, fingerprint: idempotency.fingerprint)
        let known = try await replay(Transaction(mutations, at: time, idempotency: former), context)
        guard let known else { return nil }
        return try written(known, mutations, write.form)
    }

    /// What hooks have added to the mutations stands behind them.
    private func written(
        _ result: CommitResult, _ mutations: [Mutation], _ form: Write.Form
    ) throws(Problem) -> [Written] {
        switch result {
        case .committed(let written), .replayed(let written): return Array(written.prefix(mutations.count))
        case .refused(let refusals): throw Problem(refusals, of: mutations, form)
        }
    }

    func replay(_ transaction: Transaction, _ context: RequestContext) async throws(Problem) -> CommitResult? {
        do throws(StorageError) {
            return try await storage.replay(of: transaction, context)
        } catch {
            throw Problem(error)
        }
    }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(Problem) -> CommitResult {
        do throws(StorageError) {
            return try await storage.commit(transaction, context)
        } catch {
            throw Problem(error)
        }
    }

    private func checkPreconditions(of write: Write) throws(Problem) {
        let missing = write.mutations.indices.filter { index in
            let mutation = write.mutations[index]
            if case .insert = mutation.change { return false }
            return mutation.resource.requiresPreconditions && mutation.precondition == .none
        }
        guard let first = missing.first else { return }
        let errors = missing.flatMap { index in
            write.form.error(index, "ifMatch", .operation, "is required: the ETag from GET, or _version in the body")
        }
        let resource = write.mutations[first].resource.name
        throw Problem(
            .preconditionRequired,
            "A change of \(resource) needs If-Match with the ETag from GET, or _version in the body.", errors: errors)
    }

    /// The mutation with the key that the server gives to a new record, when that isn't the storage's to give.
    func withKey(_ mutation: Mutation) -> Mutation? {
        guard case .insert(let row) = mutation.change, mutation.resource.key.key == .generated,
            mutation.resource.key.type == .uuid
        else { return nil }
        let key = Key.uuid(UUIDv7.bytes(now: clock.now(), random: random.next))
        return Mutation(
            mutation.resource, .insert(row.with(key, mutation.resource)), references: mutation.references)
    }
}
