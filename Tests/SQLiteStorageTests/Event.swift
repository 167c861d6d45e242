import MartletKernel
import MartletModel
import MartletSQL
import MartletTesting

@testable import SQLiteStorage

/// What the tests of lists keep: indexes of each kind.
struct Event {
    /// With an integer key, which is SQLite's rowid, and with one that isn't.
    static let resources = [ValueType.integer, .uuid].map(resource)

    let resource: ResourceSchema

    private static func resource(_ key: ValueType) -> ResourceSchema {
        do {
            return try ResourceSchema(
                "\(key)_events",
                [
                    FieldSchema("id", key, [.key(key == .integer ? .generated : .assigned)]),
                    FieldSchema("name", .string, [.indexed]),
                    FieldSchema("email", .string, [.unique(ignoringCase: true)]),
                    FieldSchema("rank", .integer, isNullable: true, [.indexed]),
                    FieldSchema("status", .enumeration, [.values(["open", "done"])]),
                    FieldSchema("createdAt", .timestamp),
                    FieldSchema("note", .string, isNullable: true),
                ],
                indexes: [["status", "createdAt"], ["rank", "name"]])
        } catch {
            preconditionFailure("\(error)")
        }
    }

    func column(_ name: String) -> Int { resource.indexByName[name] ?? 0 }

    /// A number tells it from others; of the rest many are the same.
    func insertion(_ number: Int) throws -> Mutation {
        var rows = RowBatch(width: resource.width)
        rows.appendAbsentRow()
        if resource.key.type == .uuid {
            // In another order than they come in.
            let bytes = (0..<16).map { UInt8(truncatingIfNeeded: $0 == 15 ? number / 256 : number &* 37) }
            bytes.withUnsafeBytes { rows.set(row: 0, column: 0, to: .uuid, $0) }
        }
        rows.set(row: 0, column: column("name"), to: ["ada", "Ada", "abc", "a%_*?[b", "zoë", "\u{10FFFF}"][number % 6])
        rows.set(row: 0, column: column("email"), to: "Person\(number)@x.org")
        if number % 3 > 0 { rows.set(row: 0, column: column("rank"), to: .integer(Int64(number % 4))) }
        rows.set(row: 0, column: column("status"), to: number % 2 == 0 ? "open" : "done")
        rows.set(row: 0, column: column("createdAt"), to: .timestamp(Timestamp(clamping: Int64(number / 4 % 5))))
        if number % 5 > 0 { rows.set(row: 0, column: column("note"), to: "n\(number % 7)") }
        return try Mutation(resource, .insert(ValidatedRow(rows, resource, for: .create)))
    }

    /// Filters as a query's parameters spell them, `-name` descends.
    func list(
        _ filters: [(String, FilterOperator, String)] = [], _ sort: [String] = [], after: RowBatch? = nil,
        limit: Int = 10
    ) throws -> Query.List {
        let clauses = try filters.map { name, operation, text in
            [try FilterTerm(column(name), of: resource, operation, text, parameter: name)]
        }
        let terms = sort.map { name in
            SortTerm(column(name.filter { $0 != "-" }), isDescending: name.hasPrefix("-"))
        }
        return Query.List(Filter(clauses), order: resource.totalOrder(terms), after: after, limit: limit)
    }

    /// Every record, page by page.
    func walk(
        _ list: Query.List, _ storage: some Storage, _ eachPage: (RowBatch) async throws -> Void = { _ in }
    ) async throws -> RowBatch {
        var (list, all) = (list, RowBatch(width: resource.width))
        while true {
            let page = try await storage.rows(for: Query(resource, .list(list)), .test)
            for row in 0..<page.count { all.append(row: row, of: page) }
            guard page.count == list.limit else { return all }
            list.after = page.place(ofRow: page.count - 1, in: list.order)
            try await eachPage(page)
        }
    }
}

extension Fixture {
    func insertEvents(_ numbers: Range<Int>, _ event: Event) async throws {
        let result = try await database.commit(Transaction(numbers.map { try event.insertion($0) }, at: .epoch), .test)
        guard case .committed = result else { throw Unexpected(what: "\(result)") }
    }
}
