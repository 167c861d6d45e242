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
        /// For which purposes there is no further connection, and why.
        var missing: [Purpose: PostgresError] = [:]
        /// The last commit that was given up waited for a synchronous standby, and none was confirmed since then.
        var lacksStandby = false
        /// What other programs have removed that requests need: names of tables, and of columns as `table.column`.
        var missingNames: [String] = []

        var isComplete: Bool { readers > 0 && hasWriter }
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(_ logger: Logger) {
        self.logger = logger
    }

    var health: Health {
        state.withLock { state in
            if let outage = state.outage { return .notReady(outage.description) }
            guard state.missingNames.isEmpty else {
                return .notReady("another program has changed the tables: \(Self.description(state.missingNames))")
            }
            guard !state.lacksStandby else {
                return .notReady(
                    "no synchronous standby confirms commits in time: start one, or change synchronous_standby_names")
            }
            // A commit that is given up closes its connection, so the reason above says more than that another is being opened.
            guard state.isComplete else { return .notReady("the connection to PostgreSQL is being made") }
            guard let (purpose, error) = state.missing.min(by: { $0.key.rawValue < $1.key.rawValue }) else {
                return .ready
            }
            return .notReady("no connection for \(purpose.rawValue) can be opened: \(error)")
        }
    }

    /// The connections that are always there are there.
    var isServing: Bool { state.withLock { $0.isComplete } }

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

    // MARK: - Tables

    var lacksTables: Bool { state.withLock { !$0.missingNames.isEmpty } }

    /// - Parameter missing: names of tables, and of columns as `table.column`.
    func inspected(missing: [String]) {
        let hasChanged = state.withLock { state in
            defer { state.missingNames = missing }
            return state.missingNames != missing
        }
        guard hasChanged else { return }
        if missing.isEmpty {
            logger.notice("the tables are complete again")
        } else {
            logger.error(
                "another program has changed the tables", metadata: ["reason": "\(Self.description(missing))"])
        }
    }

    private static func description(_ missing: [String]) -> String {
        let names = missing.prefix(10).joined(separator: ", ") + (missing.count > 10 ? ", …" : "")
        return "the database lacks \(names): undo that, or restart the server"
    }

    // MARK: - Synchronous standbys

    var lacksStandby: Bool { state.withLock { $0.lacksStandby } }

    func missesStandby() {
        let isNew = state.withLock { state in
            defer { state.lacksStandby = true }
            return !state.lacksStandby
        }
        if isNew { logger.error("no synchronous standby confirms commits in time") }
    }

    func committed() {
        let isBack = state.withLock { state in
            defer { state.lacksStandby = false }
            return state.lacksStandby
        }
        if isBack { logger.notice("commits are confirmed again") }
    }

    // MARK: - Connections that are opened when they are needed

    func openedFurther(_ purpose: Purpose) {
        let wasMissing = state.withLock { $0.missing.removeValue(forKey: purpose) != nil }
        if wasMissing { logger.notice("connections to PostgreSQL can be opened again", metadata: metadata(purpose)) }
    }

    func openingFurtherFailed(_ purpose: Purpose, _ error: PostgresError) {
        let isNew = state.withLock { $0.missing.updateValue(error, forKey: purpose) == nil }
        guard isNew else { return }
        logger.error(
            "PostgreSQL accepts no further connection: raise its max_connections, or end connections of others",
            metadata: metadata(purpose).merging(["reason": "\(error)"]) { $1 })
    }

    private func metadata(_ purpose: Purpose) -> Logger.Metadata { ["connection": "martlet \(purpose.rawValue)"] }
}
