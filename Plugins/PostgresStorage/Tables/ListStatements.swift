import MartletModel
import MartletSQL

/// The statements of lists and counts, by their shapes: so many as were asked for last. Whoever asks for ever other shapes
/// fills neither this server's memory nor the database's.
///
/// One that has come in the place of another has its id, in another edition: a connection drops what it has prepared for the
/// old one before it prepares the new one. What is under way keeps its statement.
struct ListStatements {
    static let bound = 128

    final class Entry {
        /// As often as lists of one shape may take too long within ``avoidance``: all at once do, when the server's machine is
        /// busy with something else for a moment.
        private static let patience = 5
        private static let avoidance = Duration.seconds(1)

        let statement: Statement
        private var exceedings = 0
        private var firstExceeding = ContinuousClock.now
        private var slowUntil: ContinuousClock.Instant?

        init(_ statement: Statement) {
            self.statement = statement
        }

        /// One has taken too long on a shared connection.
        func exceeded(_ now: ContinuousClock.Instant) {
            if now - firstExceeding > Self.avoidance { (exceedings, firstExceeding) = (0, now) }
            exceedings += 1
            if exceedings > Self.patience { slowUntil = now + Self.avoidance }
        }

        /// It is not for shared connections, for a while.
        func isSlow(_ now: ContinuousClock.Instant) -> Bool {
            slowUntil.map { now < $0 } ?? false
        }
    }

    private let firstID: Int
    /// One id stays free, for the next statement.
    private var entries = RecentlyUsed<QueryShape, Entry>(capacity: bound - 1)
    private var freeID: Int?
    private var lastEdition = 0

    /// - Parameter firstID: the first of ``bound``.
    init(firstID: Int) {
        self.firstID = firstID
    }

    mutating func entry(for query: SQLQuery) -> Entry {
        if let entry = entries.value(for: query.shape) { return entry }
        lastEdition += 1
        let id = freeID ?? firstID + entries.count
        let entry = Entry(query.statement(id: id, edition: lastEdition))
        if let gone = entries.insert(entry, for: query.shape) { freeID = gone.statement.id }
        return entry
    }
}

extension SQLQuery {
    func statement(id: Int, edition: Int = 0) -> Statement {
        Statement(id: id, edition: edition, sql: text(), types: parameters.map(\.type))
    }

    func append(to list: inout Parameters) {
        for parameter in parameters {
            switch parameter {
            case .value(let rows, let row, let column): list.append(rows[row, column], of: rows)
            case .array(let values, let tag): list.append(arrayOf: tag, values)
            case .text(let text): list.append(text)
            case .limit(let rows): list.append(Int64(rows))
            }
        }
    }
}

extension SQLParameter {
    fileprivate var type: Int32 {
        switch self {
        case .value(let rows, let row, let column): ObjectID.of(rows[row, column].tag)
        case .array(_, let tag): ObjectID.ofArray(tag)
        case .text: ObjectID.text
        case .limit: ObjectID.bigint
        }
    }
}
