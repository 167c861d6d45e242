import MartletKernel
import MartletModel
import MartletTesting

extension Fault {
    static let ofSizes: [Fault] = [
        Fault("reads a page to its end, however long it is", isSequential: false) {
            .asking { query, _ throws(StorageError) in query.with { $0.maxBytes = nil } }
        },
        Fault("ends a page before the row that makes it too long", isSequential: false) {
            FaultyStorage(read: { query, sound throws(StorageError) in
                var rows = try await sound.rows(for: query, .test)
                if rows.endsPage(of: query.maxBytes) { rows.removeLastRow() }
                return rows
            })
        },
        Fault("ends a page with one row", isSequential: false) {
            FaultyStorage(read: { query, sound throws(StorageError) in
                var rows = try await sound.rows(for: query, .test)
                while let maxBytes = query.maxBytes, rows.count > 1, rows.byteCount > maxBytes { rows.removeLastRow() }
                return rows
            })
        },
        Fault("doesn't count what it reads", isSequential: false) {
            .asking { query, _ throws(StorageError) in query.with { $0.reservation = nil } }
        },
        Fault("doesn't count what it writes", isSequential: false) {
            FaultyStorage(write: { transaction, sound throws(StorageError) in
                var transaction = transaction
                transaction.reservation = nil
                return try await sound.commit(transaction, .test)
            })
        },
        Fault("counts what it reads, and reads it all the same", isSequential: false) {
            FaultyStorage(read: { query, sound throws(StorageError) in
                do throws(StorageError) {
                    return try await sound.rows(for: query, .test)
                } catch .overloaded {
                    return try await sound.rows(for: query.with { $0.reservation = nil }, .test)
                }
            })
        },
    ]
}

extension Query {
    fileprivate func with(_ change: (inout Query) -> Void) -> Query {
        var query = self
        change(&query)
        return query
    }
}
