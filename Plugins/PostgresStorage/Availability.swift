import Logging
import MartletKernel
import Synchronization

/// Whether the database can be reached. Operators are told once when it can't, and once when it can again.
final class Availability: Sendable {
    private struct State {
        var readers = 0
        var hasWriter = false
        /// Why an attempt to connect has failed, since there was all that is needed.
        var outage: PostgresError?

        var isComplete: Bool { readers > 0 && hasWriter }
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(_ logger: Logger) {
        self.logger = logger
    }

    var health: Health {
        state.withLock { state in
            state.isComplete ? .ready : .notReady(state.outage?.description ?? "the connection is being made")
        }
    }

    /// Why the database can't be reached, if it can't.
    var outage: PostgresError? { state.withLock { $0.outage } }

    func opened(_ purpose: Purpose) {
        let isBack = state.withLock { state -> Bool in
            if purpose == .writes { state.hasWriter = true } else { state.readers += 1 }
            guard state.isComplete, state.outage != nil else { return false }
            state.outage = nil
            return true
        }
        if isBack { logger.notice("the database is back") }
    }

    func lost(_ purpose: Purpose) {
        state.withLock { state in
            if purpose == .writes { state.hasWriter = false } else { state.readers -= 1 }
        }
    }

    func connectingFailed(_ error: PostgresError) {
        let isNew = state.withLock { state -> Bool in
            guard !state.isComplete, state.outage == nil else { return false }
            state.outage = error
            return true
        }
        if isNew { logger.error("the database can't be reached", metadata: ["reason": "\(error)"]) }
    }
}
