import MartletKernel
import MartletModel
import MartletTesting

/// Lists and counts in ways of their own.
extension FaultyStorage {
    /// Makes lists from all records.
    static func listing(_ page: @escaping @Sendable (Query.List, RowBatch) -> RowBatch) -> FaultyStorage {
        FaultyStorage(read: { query, sound throws(StorageError) in
            guard case .list(let list) = query.selection else { return try await sound.rows(for: query, .test) }
            return page(list, try await sound.rows(for: Query(query.resource, .page(after: nil, limit: .max)), .test))
        })
    }

    /// Changes what lists are asked for.
    static func listing(as change: @escaping @Sendable (Query.List) -> Query.List) -> FaultyStorage {
        .asking { query, _ throws(StorageError) in
            guard case .list(let list) = query.selection else { return query }
            return Query(query.resource, .list(change(list)))
        }
    }

    /// Has an order of its own for some values, where it gives one.
    static func sorting(
        _ order: @escaping @Sendable (Cell, RowBatch, Cell, RowBatch) -> Int?
    ) -> FaultyStorage {
        .listing { list, all in
            func compare(_ row: Int, _ place: RowBatch) -> Int {
                for (index, term) in list.order.enumerated() {
                    let (cell, other) = (all[row, term.column], place[0, index])
                    let result = order(cell, all, other, place) ?? all.order(cell, other, of: place)
                    if result != 0 { return term.isDescending ? -result : result }
                }
                return 0
            }
            let rows = (0..<all.count).filter { row in
                list.filter.matches(row: row, of: all) && list.after.map { compare(row, $0) > 0 } ?? true
            }
            let sorted = rows.sorted { compare($0, all.place(ofRow: $1, in: list.order)) < 0 }
            return all.rows(Array(sorted.prefix(list.limit)))
        }
    }

    /// Judges terms in a way of its own.
    static func finding(_ matches: @escaping @Sendable (FilterTerm, Int, RowBatch) -> Bool) -> FaultyStorage {
        FaultyStorage(read: { query, sound throws(StorageError) in
            func found(_ filter: Filter) async throws(StorageError) -> RowBatch {
                let all = try await sound.rows(for: Query(query.resource, .page(after: nil, limit: .max)), .test)
                return all.rows(
                    (0..<all.count).filter { row in
                        filter.clauses.allSatisfy { clause in clause.contains { matches($0, row, all) } }
                    })
            }
            switch query.selection {
            case .list(var list):
                let rows = try await found(list.filter)
                list.filter = .all
                return list.page(of: rows)
            case .count(let filter): return .count(try await found(filter).count)
            case .key, .page: return try await sound.rows(for: query, .test)
            }
        })
    }

    /// Compares other values than those that are there and asked for; nil is the same.
    static func seeing(_ change: @escaping @Sendable (Cell) -> Cell?) -> FaultyStorage {
        .finding { term, row, rows in
            func seen(_ batch: RowBatch) -> RowBatch {
                var seen = RowBatch(width: 1)
                for row in 0..<batch.count { seen.append(change(batch[row, 0]) ?? batch[row, 0], of: batch) }
                return seen
            }
            var own = RowBatch(width: 1)
            own.append(rows[row, term.column], of: rows)
            let condition: FilterTerm.Condition =
                switch term.condition {
                case .compare(let comparison, let value): .compare(comparison, value: seen(value))
                case .oneOf(let values): .oneOf(seen(values))
                case .like, .isNull: term.condition
                }
            return FilterTerm(0, condition).matches(row: 0, of: seen(own))
        }
    }
}

extension RowBatch {
    func rows(_ chosen: [Int]) -> RowBatch {
        var rows = RowBatch(width: width)
        for row in chosen { rows.append(row: row, of: self) }
        return rows
    }
}
