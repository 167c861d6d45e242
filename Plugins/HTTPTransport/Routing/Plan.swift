import MartletKernel
import MartletModel

/// What is to be done for a request, decided by its head alone.
enum Plan {
    /// What a write does to a record. What it writes is in the body.
    enum Change {
        case create
        case replace(Key)
        case patch(Key)
        case delete(Key)
    }

    /// The record, unless the client has it already, or means another version.
    case read(ServedResource, Key, ifMatch: EntityTags?, ifNoneMatch: EntityTags?)
    /// The record, with those that its references lead to.
    case readExpanded(ServedResource, Key, [Expansion])
    case list(PlannedList)
    case write(ServedResource, Change, WriteTerms)
    case batch(WriteTerms)
    case liveness
    case readiness
    case page(StaticPage)
    /// The answer to OPTIONS: the methods.
    case describe(allowedMethods: String)

    var isAboutHealth: Bool {
        switch self {
        case .liveness, .readiness: true
        default: false
        }
    }

    var takesBody: Bool {
        switch self {
        case .write(_, .delete, _): false
        case .write, .batch: true
        default: false
        }
    }
}

/// What a request's head says of a write beside where it goes.
struct WriteTerms {
    var precondition = Precondition.none
    /// If-Match has a tag that can't match.
    var unmatchableETag: UnmatchableETag?
    var preference: Preference?
    /// The scope of its Idempotency-Key, if it has one.
    var idempotencyScope: String?
    /// Of the head.
    var fingerprint: UInt64 = 0

    /// The idempotency entry of the write, once its body is known.
    func idempotency(_ body: UnsafeRawBufferPointer) -> Idempotency? {
        guard let idempotencyScope else { return nil }
        return Idempotency(scope: idempotencyScope, fingerprint: Fingerprint.whole(fingerprint, body: body))
    }
}
