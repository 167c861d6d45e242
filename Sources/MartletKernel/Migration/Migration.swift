/// What brings a database in line with the schemas of its resources: planned, refused or done.
public struct Migration: Sendable, Equatable {
    /// How far a migration may go.
    public enum Mode: Sendable {
        /// It is only told. The database stays as it is.
        case plan
        /// Done if it loses nothing, else refused as a whole.
        case lossless
        /// Done also where columns go with their values.
        case destructive
    }

    /// One thing that becomes different.
    public struct Change: Sendable, Equatable {
        /// For an operator: `users: adds the column age`.
        public let summary: String
        /// Whether values go that are in the database.
        public let losesData: Bool

        public init(_ summary: String, losesData: Bool = false) {
            self.summary = summary
            self.losesData = losesData
        }
    }

    /// Changes that are made together, and how.
    public struct Step: Sendable, Equatable {
        public var changes: [Change]
        /// Statements in their order, without a semicolon at the end.
        public var sql: [String]

        public init(_ changes: [Change], sql: [String]) {
            self.changes = changes
            self.sql = sql
        }
    }

    /// In their order.
    public var steps: [Step] = []
    /// What stands against it in every mode, such as records that a new constraint doesn't allow. Each is a line.
    public var obstacles: [String] = []
    /// What was changed in the database by others than a migration, and only their author can judge. It stands against a
    /// lossless migration; a destructive one goes over it. Each is a line.
    public var manualChanges: [String] = []
    /// What was changed by others and these steps mend. Each is a line.
    public var repairs: [String] = []
    /// What a start leaves as a server with later resources has made it, and a migration that is asked for would change. Each is
    /// a line.
    public var kept: [String] = []

    /// How values that these steps would lose are kept. Each is a line.
    public var hints: [String] = []

    /// What a script of the steps begins and ends with, so that it does all or nothing.
    public var opening: [String] = []
    public var closing: [String] = []

    public init() {}

    /// Whether the database fits as it is.
    public var isNothing: Bool { steps.isEmpty && obstacles.isEmpty && manualChanges.isEmpty }

    public var changes: [Change] { steps.flatMap(\.changes) }

    /// Why it may not be done, with everything that stands against it, for an operator; nil when it may.
    public func refusal(in mode: Mode) -> String? {
        let loss = mode == .lossless ? changes.filter(\.losesData).map { "\($0.summary)" } : []
        let manual = mode == .lossless ? manualChanges : []
        guard !(loss + manual + obstacles).isEmpty else { return nil }
        var lines = ["it doesn't fit the resources, and to make it fit is not safe. Nothing was changed."]
        lines += loss.map { "  this would lose data: \($0)" }
        if !loss.isEmpty { lines += hints.map { "  nothing would be lost: \($0)" } }
        lines += manual.map { "  changed by hand: \($0)" }
        lines += obstacles.map { "  stands against it: \($0)" }
        lines.append("`martlet migrate --plan` shows all that would be done.")
        lines.append(
            obstacles.isEmpty
                ? "`martlet migrate --allow-destructive` does it; make a backup before."
                : "Change the records and objects that stand against it, or the resources, and start again.")
        return lines.joined(separator: "\n")
    }

    /// The steps as a script, each change in a comment above its statements, and what stands against them.
    public var script: String {
        var parts =
            [hints.flatMap { comment("nothing would be lost: \($0)") }.joined(separator: "\n"), statements(opening)]
            + steps.map { step in
                let comments = step.changes.flatMap { change in
                    comment(change.summary + (change.losesData ? " (LOSES DATA)" : ""))
                }
                return (comments + [statements(step.sql)]).joined(separator: "\n")
            }
        parts.append(statements(closing))
        let against =
            manualChanges.flatMap { comment("changed by hand: \($0)") }
            + obstacles.flatMap { comment("stands against it: \($0)") }
        if !against.isEmpty { parts.append(against.joined(separator: "\n")) }
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func statements(_ sql: [String]) -> String {
        sql.map { "\($0);" }.joined(separator: "\n")
    }

    /// A name or a value in it may have line ends, and what follows one would be a statement.
    private func comment(_ text: String) -> [String] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { "-- \($0)" }
    }
}
