import MartletKernel
import MartletModel

/// Records in memory. An actor does one transaction after the other, which is all the isolation that it needs.
public actor Shelf: Storage {
    /// Nil once it is closed.
    private var boards: Boards? = Boards()
    private let capacity: Int

    /// - Parameter capacity: in records, of all resources together.
    public init(capacity: Int) {
        self.capacity = capacity
    }

    public func prepare(_ schemas: [ResourceSchema]) throws(StorageError) {
        var prepared = try opened()
        for schema in schemas { prepared.addBoard(for: schema) }
        boards = prepared
    }

    public func rows(for query: Query, _ context: RequestContext) throws(StorageError) -> RowBatch {
        let board = try opened().board(of: query.resource)
        let rows =
            switch query.selection {
            case .key(let key): board.rows([key])
            case .page(let after, let limit):
                board.page(board.keys(after: after).prefix(limit), maxBytes: query.maxBytes)
            case .list(let list): list.page(of: board.rows(board.keys(after: nil)), maxBytes: query.maxBytes)
            case .count(let filter): RowBatch.count(board.count(filter))
            }
        let bytes = rows.byteCount
        guard bytes <= BufferBudget.uncounted || query.reservation?.grow(by: bytes) ?? true else { throw .overloaded }
        return rows
    }

    public func commit(_ transaction: Transaction, _ context: RequestContext) throws(StorageError) -> CommitResult {
        // All or nothing: the copy takes the place of the original when everything could be done.
        var changed = try opened()
        let result = try changed.apply(transaction)
        guard case .committed = result else { return result }
        guard changed.count <= capacity else { throw .full }
        boards = changed
        return result
    }

    public func replay(of transaction: Transaction, _ context: RequestContext) throws(StorageError) -> CommitResult? {
        try opened().replay(of: transaction)
    }

    public func health() -> Health {
        boards == nil ? .notReady("closed") : .ready
    }

    public func close() {
        boards = nil
    }

    private func opened() throws(StorageError) -> Boards {
        guard let boards else { throw .unavailable("closed") }
        return boards
    }
}
