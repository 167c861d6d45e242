import Logging
import MartletModel

/// A write with hooks in its way.
struct HookedWrite {
    /// How often hooks run on a record that changes all the time, before the client is to try again.
    private static let attempts = 10

    private let application: Application
    private let write: Write
    private let mutations: [Mutation]
    private let time: Timestamp
    private let context: RequestContext

    init(
        _ application: Application, _ write: Write, _ mutations: [Mutation], _ time: Timestamp,
        _ context: RequestContext
    ) {
        (self.application, self.write, self.mutations, self.time) = (application, write, mutations, time)
        self.context = context
    }

    func commit() async throws(Problem) -> [Written] {
        // Of all attempts together. Storages have deadlines of their own.
        var timeForHooks = application.hookTimeout
        for _ in 0..<Self.attempts {
            // Before the hooks: what was done already is answered as it was then, whatever they would say now.
            if let known = try await replay() { return try finished(known) }
            let hooked = try await runHooks(within: &timeForHooks)
            let transaction = Transaction(
                hooked.mutations + hooked.additional, of: write, at: time, context)
            var result = try await application.commit(transaction, context)
            if case .refused(let refusals) = result {
                guard let refusals = hooked.refusalsToTell(of: refusals) else { continue }
                result = .refused(refusals)
            }
            let written = try finished(result)
            if case .committed = result { await notifyWithinTimeout(written) }
            return written
        }
        throw Problem(.overloaded, "The record is changed by others all the time.", retryAfter: .seconds(1))
    }

    private func replay() async throws(Problem) -> CommitResult? {
        guard write.idempotency != nil else { return nil }
        return try await application.replay(Transaction(mutations, of: write, at: time, context), context)
    }

    /// What the client's own mutations came to.
    private func finished(_ result: CommitResult) throws(Problem) -> [Written] {
        switch result {
        case .committed(let written), .replayed(let written): return Array(written.prefix(mutations.count))
        case .refused(let refusals):
            let own = refusals.filter { $0.mutation < mutations.count }
            guard own.isEmpty else { throw Problem(own, of: mutations, write.form) }
            if case .tooLarge(let maxBytes)? = refusals.first?.reason {
                throw Problem(
                    .validationFailed,
                    "With what the server adds, the records have more than \(maxBytes) bytes: write smaller ones.")
            }
            if case .rejected(_, let reason)? = refusals.first?.reason {
                throw Problem(StorageError.rejected(reason))
            }
            // The hook's own mutation failed: the client can't fix it.
            var problem = Problem(.internal, Problem.internalDetail)
            problem.cause = "a mutation that a hook added was refused: \(refusals)"
            throw problem
        }
    }

    /// The write is done: a hook that takes too long must not hold its answer.
    private func notifyWithinTimeout(_ written: [Written]) async {
        let notified: Void? = await result(of: { await notify(written) }, within: application.hookTimeout)
        guard notified == nil else { return }
        let resources = Set(mutations.map(\.resource.name)).sorted().joined(separator: ", ")
        application.logger.warning(
            "a hook takes too long after a commit: the request is answered without waiting for it",
            metadata: ["resource": "\(resources)", "application.hookTimeout": "\(application.hookTimeout.text)"])
    }

    private func notify(_ written: [Written]) async {
        for (mutation, written) in zip(mutations, written) {
            let kind: ProposedWrite.Kind =
                switch mutation.change {
                case .delete: .delete
                default: written.isNew ? .create : .change
                }
            for hook in application.hooks[mutation.resource.name] ?? [] {
                await hook.afterCommit(
                    CommittedWrite(
                        resource: mutation.resource, kind: kind, record: written.record, context: context))
            }
        }
    }
}

// MARK: - Before the commit

extension HookedWrite {
    /// What the hooks have made of the mutations.
    private struct Hooked: Sendable {
        var mutations: [Mutation] = []
        var additional: [Mutation] = []
        /// Those whose record has to be what the hooks were shown for the hooks' sake alone: the client demands no version.
        var guarded: Set<Int> = []

        /// The refusals that are the client's to know; nil when the hooks are to run again, as such a record is another one now.
        func refusalsToTell(of refusals: [Refusal]) -> [Refusal]? {
            let told = refusals.filter { $0.reason != .preconditionFailed || !guarded.contains($0.mutation) }
            guard told.count < refusals.count else { return refusals }
            let isGraver = told.contains {
                $0.mutation < mutations.count && $0.reason.rank <= Refusal.Reason.preconditionFailed.rank
            }
            return isGraver ? told : nil
        }
    }

    private func runHooks(within limit: inout Duration) async throws(Problem) -> Hooked {
        let begin = ContinuousClock.now
        defer { limit = max(limit - (.now - begin), .zero) }
        let work = { @Sendable () async -> Result<Hooked, Problem> in
            do throws(Problem) { return .success(try await runHooks()) } catch { return .failure(error) }
        }
        if let hooked = await result(of: work, within: limit) { return try hooked.get() }
        var problem = Problem(
            .unavailable, "It took longer than allowed. Nothing was changed.", retryAfter: .seconds(1))
        let resources = Set(mutations.map(\.resource.name)).sorted().joined(separator: ", ")
        problem.cause =
            "the hooks of \(resources) took longer than application.hookTimeout, \(application.hookTimeout.text)"
        throw problem
    }

    private func runHooks() async throws(Problem) -> Hooked {
        var hooked = Hooked()
        // What is wrong with one record hides no other's errors.
        var (invalid, errors): ([Problem], BodyErrors) = ([], BodyErrors())
        for (index, mutation) in mutations.enumerated() {
            let hooks = application.hooks[mutation.resource.name] ?? []
            var (found, cells): ([FieldError], RowBatch?) = ([], mutation.change.row?.cells)
            if hooks.isEmpty {
                hooked.mutations.append(mutation)
            } else {
                do throws(Problem) {
                    try await run(hooks, on: mutation, index, &hooked)
                    cells = hooked.mutations.last?.change.row?.cells
                } catch {
                    guard error.code == .validationFailed, !error.errors.isEmpty else {
                        var problem = error
                        problem.errors = error.errors.map { $0.under(write.form.pointer(index)) }
                        throw problem
                    }
                    invalid.append(error)
                    found = error.errors
                }
            }
            errors.append(
                found, of: cells, mutation.resource, isNew: mutation.change.mayMakeRecord,
                under: write.form.pointer(index))
        }
        guard let first = invalid.first else { return hooked }
        var problem = errors.problem
        if invalid.count == 1, !problem.hasMoreErrors { problem.detail = first.detail }
        throw problem
    }

    private func run(
        _ hooks: [any Hook], on mutation: Mutation, _ index: Int, _ hooked: inout Hooked
    ) async throws(Problem) {
        var (stored, precondition) = (RowBatch?.none, mutation.precondition)
        if let key = mutation.change.key, hooks.contains(where: \.needsStored) {
            try checkIsAlone(index)
            let rows = try await application.rows(
                for: Query(mutation.resource, .key(key), reservation: context.reservation), context)
            stored = rows.isEmpty ? nil : rows
            precondition = guarding(stored, mutation)
            if mutation.precondition == .none || (mutation.precondition == .present && stored != nil) {
                hooked.guarded.insert(index)
            }
            // Nothing to look at: the commit says so.
            if stored == nil, !mutation.makesRecords {
                return hooked.mutations.append(
                    Mutation(mutation.resource, mutation.change, if: precondition, references: mutation.references))
            }
        }
        var write = ProposedWrite(
            mutation.resource, mutation.kind(isStored: stored != nil),
            key: mutation.keyReference == nil ? mutation.change.key : nil,
            proposed: mutation.change.row?.cells, stored: stored, time: time,
            among: application.resources, context)
        for hook in hooks { try await hook.beforeWrite(&write) }
        var change = mutation.change
        if let row = change.row { change = change.with(try row.revised(write.proposed, mutation.resource)) }
        hooked.mutations.append(
            Mutation(
                mutation.resource, change, if: precondition, references: mutation.references,
                keyReference: mutation.keyReference))
        hooked.additional += write.additional.map { application.withKey($0) ?? $0 }
    }

    /// The client's precondition, and that the record is what the hooks were shown.
    private func guarding(_ stored: RowBatch?, _ mutation: Mutation) -> Precondition {
        guard let version = stored?[0, mutation.resource.versionIndex].integer else {
            return mutation.makesRecords && mutation.precondition == .none ? .absent : mutation.precondition.never
        }
        return mutation.precondition.and(version: version)
    }

    /// In a batch, a record that the same transaction has changed before can't be shown as it will be.
    private func checkIsAlone(_ index: Int) throws(Problem) {
        let mutation = mutations[index]
        let isTwice = mutations[..<index].contains {
            $0.resource === mutation.resource && $0.change.key == mutation.change.key
        }
        guard mutation.keyReference != nil || isTwice else { return }
        let detail = "can't be a record that this batch has written before, as \(mutation.resource.name) has hooks"
        throw .validationFailed([FieldError(at: .pointer("#"), .operation, detail)])
    }
}

extension Mutation {
    fileprivate var makesRecords: Bool {
        if case .upsert = change { true } else { false }
    }

    fileprivate func kind(isStored: Bool) -> ProposedWrite.Kind {
        switch change {
        case .insert: .create
        case .update: .change
        case .upsert: isStored ? .change : .create
        case .delete: .delete
        }
    }
}

extension Precondition {
    /// For a record that wasn't there: if it is by now, the write is refused, and the hooks run again.
    fileprivate var never: Precondition {
        if case .absent = self { .absent } else { .version([]) }
    }
}
