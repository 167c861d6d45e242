import MartletKernel
import MartletModel

/// Records in memory. An actor does one transaction after the other, which is all the isolation that it needs.
public actor Shelf: Storage {
    private var boards: [String: Board] = [:]
    private var isOpen = true
    private let capacity: Int

    /// - Parameter capacity: in records, of all resources together.
    public init(capacity: Int) {
        self.capacity = capacity
    }

    public func prepare(_ schemas: [ResourceSchema]) throws(StorageError) {
        try checkOpen()
        for schema in schemas where boards[schema.name] == nil {
            boards[schema.name] = Board()
        }
    }

    public func rows(for query: Query) throws(StorageError) -> RowBatch {
        try checkOpen()
        let board = try board(of: query.resource)
        var rows = RowBatch(width: query.resource.fields.count)
        switch query.selection {
        case .key(let key):
            if let place = board.place(of: key) { rows.append(row: 0, of: board.records[place].row) }
        case .page(let after, let limit):
            for record in board.records[board.firstPlace(behind: after)...].prefix(limit) {
                rows.append(row: 0, of: record.row)
            }
        }
        return rows
    }

    public func commit(_ transaction: Transaction) throws(StorageError) -> CommitResult {
        try checkOpen()
        // All or nothing: the changes are made to a copy, which takes the place of the original when all were possible.
        var changed = boards
        var results: [RowBatch] = []
        for (index, mutation) in transaction.mutations.enumerated() {
            var board = try board(of: mutation.resource)
            if let uncommitted = changed[mutation.resource.name] { board = uncommitted }
            do throws(Board.Refused) {
                results.append(try board.apply(mutation))
            } catch {
                return .refused(Refusal(mutation: index, error.reason))
            }
            changed[mutation.resource.name] = board
        }
        guard changed.values.reduce(0, { $0 + $1.records.count }) <= capacity else { throw .full }
        boards = changed
        return .committed(results)
    }

    public func health() -> Health {
        isOpen ? .ready : .notReady("closed")
    }

    public func close() {
        isOpen = false
        boards = [:]
    }

    private func checkOpen() throws(StorageError) {
        guard isOpen else { throw .unavailable("closed") }
    }

    private func board(of resource: ResourceSchema) throws(StorageError) -> Board {
        guard let board = boards[resource.name] else { throw .internal("\(resource.name) was not prepared") }
        return board
    }
}
