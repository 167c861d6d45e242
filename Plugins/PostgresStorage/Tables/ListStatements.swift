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
        let statement: Statement
        var overruns = Overruns()

        init(_ statement: Statement) {
            self.statement = statement
        }
    }

    private let firstID: Int
    private let namespace: String?
    /// One id stays free, for the next statement.
    private var entries = RecentlyUsed<QueryShape, Entry>(capacity: bound - 1)
    private var freeID: Int?
    private var lastEdition = 0

    /// - Parameter firstID: the first of ``bound``.
    /// - Parameter namespace: that holds the tables.
    init(firstID: Int, in namespace: String? = nil) {
        (self.firstID, self.namespace) = (firstID, namespace)
    }

    mutating func entry(for query: SQLQuery) -> Entry {
        if let entry = entries.value(for: query.shape) { return entry }
        lastEdition += 1
        let id = freeID ?? firstID + entries.count
        let entry = Entry(query.statement(id: id, edition: lastEdition, in: namespace))
        if let gone = entries.insert(entry, for: query.shape) { freeID = gone.statement.id }
        return entry
    }
}

extension SQLQuery {
    func statement(id: Int, edition: Int = 0, in namespace: String? = nil) -> Statement {
        Statement(id: id, edition: edition, sql: text(in: namespace), types: parameters.map(\.type))
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
