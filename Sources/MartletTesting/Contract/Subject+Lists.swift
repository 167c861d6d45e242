import FoundationEssentials
import MartletKernel
import MartletModel

/// What clauses about lists ask for, and expect.
extension Subject {
    func list<M: Model>(
        of _: M.Type, _ filter: Filter = .all, by sort: [SortTerm] = [], after: RowBatch? = nil, limit: Int = 1000,
        columns: [Int]? = nil
    ) async throws -> RowBatch {
        let list = Query.List(
            filter, order: M.resource.totalOrder(sort), after: after, limit: limit, columns: columns)
        return try await storage.rows(for: Query(M.resource, .list(list)), .test)
    }

    func count<M: Model>(of _: M.Type, _ filter: Filter = .all) async throws -> Int64 {
        let rows = try await storage.rows(for: Query(M.resource, .count(filter)), .test)
        guard rows.count == 1, rows.width == 1, let count = rows[0, 0].integer else {
            throw violation("a count", "a row of one integer", rows)
        }
        return count
    }

    /// Makes records that nothing stands against, in one transaction.
    func makeAll<M: Model>(_ records: [M]) async throws {
        var mutations: [Mutation] = []
        for record in records { mutations.append(try .insert(record)) }
        let result = try await commit(mutations)
        guard case .committed(let written) = result, written.count == records.count else {
            throw violation("the result", "\(records.count) records", result)
        }
    }

    /// The specimens that a filter means have these numbers, and are counted alike.
    func expectFound(_ filter: Filter, _ numbers: [Int]) async throws {
        let rows = try await list(of: Specimen.self, filter)
        let (found, expected) = (Specimen.numbers(of: rows), numbers.sorted())
        guard found == expected else { throw violation("numbers of records with \(filter)", expected, found) }
        let count = try await count(of: Specimen.self, filter)
        guard count == numbers.count else { throw violation("count of records with \(filter)", numbers.count, count) }
    }

    func expectFound(_ term: FilterTerm, _ numbers: [Int]) async throws {
        try await expectFound(Filter([[term]]), numbers)
    }

    /// All pages of a list, each begun behind the last row of the one before.
    func walk<M: Model>(
        _ model: M.Type, _ filter: Filter = .all, by sort: [SortTerm], limit: Int,
        between: () async throws -> Void = {}
    ) async throws -> RowBatch {
        var seen = RowBatch(width: M.resource.width)
        var after: RowBatch?
        while case let page = try await list(of: model, filter, by: sort, after: after, limit: limit), !page.isEmpty {
            try expect(page.count <= limit, "a page of \(limit) has \(page.count) records")
            for row in 0..<page.count { seen.append(row: row, of: page) }
            try expect(seen.count <= 200, "the pages of \(limit) by \(sort) end")
            after = page.place(ofRow: page.count - 1, in: M.resource.totalOrder(sort))
            try await between()
        }
        return seen
    }
}

extension Specimen {
    /// The numbers of which ``UUID/init(number:)`` made the keys.
    static func numbers(of rows: RowBatch) -> [Int] {
        (0..<rows.count).map { row in
            rows.withBytes(of: rows[row, resource.keyIndex]) { $0.suffix(4).reduce(0) { $0 << 8 | Int($1) } }
        }
    }
}
