package import MartletModel

/// The one place where a storage's answers become a client's.
extension Problem {
    /// The first class of what stood against a transaction, with every refusal of it: 422, 404, 412, 409.
    init(_ refusals: [Refusal], of mutations: [Mutation], _ form: Write.Form) {
        let rank = refusals.map(\.reason.rank).min()
        let refusals = refusals.filter { $0.reason.rank == rank && mutations.indices.contains($0.mutation) }
        guard let first = refusals.first else {
            self.init(.internal, Self.internalDetail)
            cause = "the storage refused a transaction without a reason"
            return
        }
        guard first.reason != .overloaded else {
            self.init(StorageError.overloaded)
            return
        }
        switch first.reason {
        case .rejected(_, let reason) where form.errors(first, of: mutations[first.mutation]).isEmpty:
            self.init(StorageError.rejected(reason))
        case .invalid, .referenceMissing, .rejected, .tooLarge:
            self = Self.invalid(refusals, of: mutations, form)
        default:
            let detail = first.reason.detail(of: mutations[first.mutation], isOnly: refusals.count == 1)
            let errors = refusals.flatMap { form.errors($0, of: mutations[$0.mutation]) }
            self = Problem(first.reason.code, detail).listing(errors)
            if first.reason == .idempotencyKeyInUse { retryAfter = .seconds(1) }
        }
    }

    private static func invalid(_ refusals: [Refusal], of mutations: [Mutation], _ form: Write.Form) -> Problem {
        var errors = BodyErrors()
        for (index, mutation) in mutations.enumerated() {
            let refusals = refusals.filter { $0.mutation == index }
            // Where a value from an earlier result isn't valid, or isn't there, the storage has not checked other references.
            errors.append(
                refusals.flatMap { $0.reason.recordErrors(mutation.resource) }, of: mutation.change.row?.cells,
                mutation.resource, isNew: mutation.change.mayMakeRecord, checksReferences: !mutation.references.isEmpty,
                under: form.pointer(index))
            errors.append(refusals.flatMap { form.errors($0, of: mutation) })
        }
        return errors.problem
    }

    /// A record isn't in a version that If-Match names.
    package static func preconditionFailed(_ tag: UnmatchableETag?) -> Problem {
        Problem(.preconditionFailed, tag?.detail ?? changedSince)
    }

    fileprivate static let changedSince =
        "The record has changed since: read it again, and send the ETag of that answer."

    static let internalDetail = "An error of the server. Its log tells more under this request's id."

    // long because it is a list
    init(_ error: StorageError) {
        switch error {
        case .overloaded:
            self.init(.overloaded, "Too many requests are waiting.", retryAfter: .seconds(1))
        case .unavailable(let cause):
            self.init(.unavailable, "The storage can't be reached.", retryAfter: .seconds(1))
            self.cause = cause
        case .outdated(let cause):
            self.init(
                .unavailable,
                "The database doesn't take this: others have changed its tables, triggers or rights. Nothing was changed.",
                retryAfter: .seconds(1))
            self.cause = cause
        case .rejected(let reason):
            self.init(.validationFailed, "The database doesn't take this: \(reason). Nothing was changed.")
        case .failed(let cause):
            self.init(
                .unavailable, "The database could not do this. Nothing was changed. The server's log has the reason.",
                retryAfter: .seconds(1))
            self.cause = cause
        case .deadlineExceeded:
            self.init(.overloaded, "It took longer than allowed. Nothing was changed.", retryAfter: .seconds(1))
        case .timedOut(let wait):
            self.init(
                .unavailable, "It took longer than allowed, waiting for \(wait). Nothing was changed.",
                retryAfter: .seconds(1))
            self.cause = "waiting for \(wait)"
        case .outcomeUnknown(let cause):
            self.init(
                .outcomeUnknown,
                "The database has not confirmed the commit: it may or may not have happened. The server's log has the reason."
            )
            self.cause = cause
        case .full:
            self.init(.storageFull, "The storage has no space left. Nothing was changed.")
        case .noKeysLeft(let cause):
            self.init(.unavailable, "No keys are left for new records: the highest one is given. Nothing was changed.")
            self.cause = cause
        case .unusable(let cause), .internal(let cause):
            self.init(.internal, Self.internalDetail)
            self.cause = cause
        }
    }
}

extension Refusal.Reason {
    /// Of two the lower one is told, and the other one once that is mended.
    var rank: Int {
        switch self {
        case .overloaded: -1
        case .invalid, .referenceMissing, .rejected, .tooLarge: 0
        case .notFound: 1
        case .preconditionFailed: 2
        case .uniqueTaken, .stillReferenced: 3
        case .idempotencyKeyReused, .alreadyDone, .idempotencyKeyInUse: 4
        }
    }

    fileprivate var code: ProblemCode {
        switch self {
        case .invalid, .referenceMissing, .rejected, .tooLarge: .validationFailed
        case .notFound: .notFound
        case .preconditionFailed: .preconditionFailed
        case .uniqueTaken: .uniqueTaken
        case .stillReferenced: .stillReferenced
        case .idempotencyKeyReused: .idempotencyKeyReused
        case .alreadyDone: .alreadyDone
        case .idempotencyKeyInUse: .requestInProgress
        case .overloaded: .overloaded
        }
    }

    /// What is wrong with the values of a record, with pointers from the record on.
    fileprivate func recordErrors(_ resource: ResourceSchema) -> [FieldError] {
        switch self {
        case .invalid(let errors): errors
        case .referenceMissing(let columns): columns.map { .danglingReference(resource.fields[$0]) }
        default: []
        }
    }

    /// - Parameter isOnly: it is the only refusal; else the errors say where each of them is.
    fileprivate func detail(of mutation: Mutation, isOnly: Bool) -> String {
        switch self {
        case .invalid, .referenceMissing, .rejected, .tooLarge: "Some fields are not valid."
        case .notFound:
            isOnly ? "No record of \(mutation.resource.name) has this key." : "Several records are not there."
        case .preconditionFailed:
            isOnly ? mutation.failedPrecondition : "Several records are not in the version that was named."
        case .uniqueTaken: isOnly ? "Another record has the same value." : "Other records have the same values."
        case .stillReferenced: isOnly ? "Other records refer to this one." : "Other records refer to these."
        case .idempotencyKeyReused: "The Idempotency-Key is that of another request."
        case .alreadyDone(let key):
            "This request was done before. Its response can't be sent again, as the fields of \(mutation.resource.name) have "
                + "changed since." + (key.map { " The record's key is \($0)." } ?? "")
        case .idempotencyKeyInUse: "A request with this Idempotency-Key is under way."
        case .overloaded: "Too many requests are waiting."
        }
    }
}

extension Mutation {
    /// What it means that its precondition doesn't hold, and what to do.
    fileprivate var failedPrecondition: String {
        if let unmatchableETag { return unmatchableETag.detail }
        return switch (change, precondition) {
        case (_, .absent): "A record with this key is there already: If-None-Match: * only makes new ones."
        case (.upsert, .present): "No record has this key: If-Match: * only changes one that is there."
        case (.upsert, _):
            "The record has changed since, or is not there any more: read it again, and send the ETag of that answer."
        case _ where !hasConditionBesideRow: "The record has changed since: read it again, and send its _version."
        default: Problem.changedSince
        }
    }
}

extension UnmatchableETag {
    fileprivate var detail: String {
        switch self {
        case .weak:
            "A weak ETag, W/\"…\", never matches. A proxy that compresses answers makes ETags weak: send it without W/, or let "
                + "the proxy leave answers as they are."
        case .suffixed:
            "An ETag with an ending, such as -gzip, never matches. A proxy that compresses answers appends it: send the ETag "
                + "without it, or let the proxy leave answers as they are."
        }
    }

    fileprivate var shortDetail: String {
        switch self {
        case .weak: "is a weak ETag, W/\"…\", which never matches"
        case .suffixed: "is an ETag with an ending, such as -gzip, which never matches"
        }
    }
}

extension Write.Form {
    /// Where a mutation's record is in the body.
    func pointer(_ index: Int) -> String {
        switch self {
        case .single: ""
        case .array: "/\(index)"
        case .batch: "/operations/\(index)/body"
        }
    }

    /// Where what is said of the whole of a mutation points to: a batch's deletion has no body.
    private func recordPointer(_ index: Int) -> String {
        if case .batch = self { "/operations/\(index)" } else { pointer(index) }
    }

    /// An error of a batch's operation; elsewhere the problem itself says all.
    func error(_ index: Int, _ member: String, _ code: FieldError.Code, _ detail: String) -> [FieldError] {
        guard case .batch = self else { return [] }
        return [FieldError(at: .pointer("#/operations/\(index)/\(member)"), code, detail)]
    }

    fileprivate func errors(_ refusal: Refusal, of mutation: Mutation) -> [FieldError] {
        let (index, resource) = (refusal.mutation, mutation.resource)
        switch refusal.reason {
        case .notFound: return error(index, "path", .notFound, "leads to no record")
        case .preconditionFailed: return preconditionErrors(index, mutation)
        case .uniqueTaken(let columns):
            return columns.map { column in
                FieldError(field: resource.fields[column].name, .unique, "is taken by another record")
                    .under(pointer(index))
            }
        case .stillReferenced(let referrers): return referrers.map { referenced(index, resource, by: $0) }
        case .rejected(let columns, let reason):
            let detail = "is not taken by the database: \(reason)"
            guard columns.isEmpty else {
                return columns.map {
                    FieldError(field: resource.fields[$0].name, .refused, detail).under(pointer(index))
                }
            }
            // Of a single record the problem itself says all.
            if case .single = self { return [] }
            return [FieldError(at: .pointer("#" + recordPointer(index)), .refused, detail)]
        case .tooLarge(let maxBytes):
            let detail =
                "makes the records of this request, those that it copies and answers with among them, more than \(maxBytes) "
                + "bytes together: write fewer or smaller ones at once"
            return [FieldError(at: .pointer("#" + recordPointer(index)), .length, detail)]
        // The first two have errors of the record instead.
        case .invalid, .referenceMissing, .idempotencyKeyReused, .alreadyDone, .idempotencyKeyInUse, .overloaded:
            return []
        }
    }

    /// Where a version comes from that the record doesn't have. Of If-Match and a body's `_version` together it isn't known which
    /// of them: both are told.
    private func preconditionErrors(_ index: Int, _ mutation: Mutation) -> [FieldError] {
        if let tag = mutation.unmatchableETag {
            return error(index, "ifMatch", .preconditionFailed, tag.shortDetail)
        }
        // Of a PUT that may make its record the storage says only that the condition doesn't hold.
        let detail =
            switch (mutation.change, mutation.precondition) {
            case (.upsert, .present): "is *, but there is no record with this key"
            case (.upsert, _): "is not the record's version, or there is no record with this key"
            default: "is not the record's version"
            }
        var errors: [FieldError] = []
        if mutation.hasConditionBesideRow { errors += error(index, "ifMatch", .preconditionFailed, detail) }
        if mutation.change.row?.version != nil {
            errors.append(
                FieldError(field: ResourceSchema.versionName, .preconditionFailed, detail).under(pointer(index)))
        }
        return errors
    }

    private func referenced(
        _ index: Int, _ resource: ResourceSchema, by referrer: Refusal.Referrer
    ) -> FieldError {
        let detail = "is what \(referrer.resource).\(referrer.field) refers to"
        guard case .batch = self else { return FieldError(at: .parameter(resource.key.name), .referenced, detail) }
        return FieldError(at: .pointer("#/operations/\(index)/path"), .referenced, detail)
    }
}
