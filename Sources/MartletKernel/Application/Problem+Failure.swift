import MartletModel

/// The one place where a storage's answers become a client's.
extension Problem {
    init(_ refusal: Refusal, of mutations: [Mutation], _ form: Write.Form) {
        let index = refusal.mutation
        let resource = mutations[index].resource
        switch refusal.reason {
        case .notFound:
            self.init(
                .notFound, "No record of \(resource.name) has this key.",
                errors: form.errors(index, .notFound, at: "path"))
        case .preconditionFailed:
            self.init(
                .preconditionFailed, "The record has changed since, or is there where none must be.",
                errors: form.errors(index, .preconditionFailed, at: "ifMatch"))
        case .uniqueTaken(let columns):
            self.init(
                .uniqueTaken, "Another record has the same value.",
                errors: form.errors(index, columns, of: resource, .unique) { _ in "is taken by another record" })
        case .referenceMissing(let columns):
            self = .validationFailed(
                form.errors(index, columns, of: resource, .reference) { field in
                    "refers to no record of \(field.reference?.resource ?? "?")"
                })
        case .stillReferenced(let referrers):
            self.init(
                .stillReferenced, "Other records refer to this one.",
                errors: referrers.map { form.referenced(index, resource, by: $0) })
        case .invalid(let errors):
            self = .validationFailed(errors.map { $0.under(form.pointer(index)) })
        case .idempotencyKeyReused:
            self.init(.idempotencyKeyReused, "The Idempotency-Key is that of another request.")
        case .idempotencyKeyInUse:
            self.init(
                .requestInProgress, "A request with this Idempotency-Key is under way.", retryAfter: .seconds(1))
        }
    }

    init(_ error: StorageError) {
        switch error {
        case .overloaded:
            self.init(.overloaded, "Too many requests are waiting.", retryAfter: .seconds(1))
        case .unavailable(let cause):
            self.init(.unavailable, "The storage can't be reached.", retryAfter: .seconds(1))
            self.cause = cause
        case .deadlineExceeded:
            self.init(.overloaded, "It took longer than allowed. Nothing was changed.", retryAfter: .seconds(1))
        case .outcomeUnknown(let cause):
            self.init(.outcomeUnknown, "The storage went away during the commit: it may or may not have happened.")
            self.cause = cause
        case .full:
            self.init(.storageFull, "The storage has no space left. Nothing was changed.")
        case .unusable(let cause), .internal(let cause):
            self.init(.internal, "An error of the server. Its log tells more under this request's id.")
            self.cause = cause
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

    /// In a batch, which operation it is about; elsewhere that goes without saying.
    func errors(_ index: Int, _ code: FieldError.Code, at member: String) -> [FieldError] {
        guard case .batch = self else { return [] }
        let detail =
            switch code {
            case .notFound: "leads to no record"
            case .preconditionFailed: "is not the record's version"
            default: "is required"
            }
        return [FieldError(at: .pointer("#/operations/\(index)/\(member)"), code, detail)]
    }

    fileprivate func errors(
        _ index: Int, _ columns: [Int], of resource: ResourceSchema, _ code: FieldError.Code,
        _ detail: (FieldSchema) -> String
    ) -> [FieldError] {
        columns.map { column in
            let field = resource.fields[column]
            return FieldError(field: field.name, code, detail(field)).under(pointer(index))
        }
    }

    fileprivate func referenced(
        _ index: Int, _ resource: ResourceSchema, by referrer: Refusal.Referrer
    ) -> FieldError {
        let detail = "is what \(referrer.resource).\(referrer.field) refers to"
        guard case .batch = self else { return FieldError(at: .parameter(resource.key.name), .referenced, detail) }
        return FieldError(at: .pointer("#/operations/\(index)/path"), .referenced, detail)
    }
}
