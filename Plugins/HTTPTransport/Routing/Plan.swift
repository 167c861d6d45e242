import MartletModel

/// What is to be done for a request, decided by its head alone.
enum Plan {
    enum Work {
        case create
        case read(Key)
        /// `givenLimit` is the one that the client asked for, which its next page keeps.
        case list(after: Key?, limit: Int, givenLimit: Int?)
        case replace(Key)
        case patch(Key)
        case delete(Key)
    }

    case operate(ServedResource, Work)
    case liveness
    case readiness
    case page(StaticPage)
    /// The answer to OPTIONS: the methods.
    case describe(allowedMethods: String)

    var takesBody: Bool {
        switch self {
        case .operate(_, .create), .operate(_, .replace), .operate(_, .patch): true
        default: false
        }
    }
}
