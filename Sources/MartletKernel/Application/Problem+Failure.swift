import MartletModel

extension Problem {
    /// The one place where a storage's answers become a client's.
    init(_ failure: Failure, on resource: ResourceSchema) {
        switch failure {
        case .refused(.notFound):
            self.init(.notFound, "No record of \(resource.name) has this key.")
        case .refused(.uniqueTaken(let columns)):
            let errors = columns.map {
                FieldError(field: resource.fields[$0].name, .unique, "is taken by another record")
            }
            self.init(.uniqueTaken, "Another record has the same value.", errors: errors)
        case .storage(let error):
            self.init(error)
        }
    }

    private init(_ error: StorageError) {
        switch error {
        case .overloaded:
            self.init(.overloaded, "Too many requests are waiting.", retryAfter: .seconds(1))
        case .unavailable(let cause):
            self.init(.unavailable, "The storage can't be reached.", retryAfter: .seconds(1))
            self.cause = cause
        case .deadlineExceeded:
            self.init(.overloaded, "Reading took longer than allowed.", retryAfter: .seconds(1))
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
