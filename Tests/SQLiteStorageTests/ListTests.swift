import MartletKernel
import MartletModel
import MartletTesting
import Testing

@testable import SQLiteStorage

/// What lists answer.
@Suite struct ListTests {
    private static let filters: [(String, FilterOperator, String)] = [
        ("name", .like, "a*"), ("name", .like, "*a"), ("name", .like, "A*a"), ("name", .like, #"a%_\*?[*"#),
        ("name", .likeIgnoringCase, "ADA"), ("name", .likeIgnoringCase, "A%*"), ("name", .notEqual, "ada"),
        ("name", .like, "\u{10FFFF}*"), ("name", .greaterOrEqual, "abc"), ("name", .less, "zoë"),
        ("name", .oneOf, "ada,abc,x"), ("email", .equal, "person3@x.org"), ("email", .equal, "Person3@x.org"),
        ("email", .oneOf, "Person3@x.org,Person4@x.org,person5@x.org"),
        ("email", .likeIgnoringCase, "pERSON3@x.org"),
        ("rank", .isNull, "true"), ("rank", .isNull, "false"), ("rank", .greater, "1"), ("rank", .lessOrEqual, "2"),
        ("rank", .oneOf, "0,3,7"), ("rank", .notEqual, "1"), ("status", .equal, "open"), ("note", .isNull, "true"),
        ("note", .like, "n3"), ("createdAt", .greaterOrEqual, "1970-01-01T00:00:00.000002Z"),
    ]
    private static let names = ["id", "name", "email", "rank", "status", "createdAt", "note"]

    /// Every order, a filter of every kind, all pages: as ``Query/List/page(of:)`` has it.
    @Test(arguments: Event.resources)
    func `pages are those of the meaning, in every order and behind every place`(_ resource: ResourceSchema)
        async throws
    {
        let event = Event(resource: resource)
        var random = SplitMix64(seed: TestSeed.forRun(of: "ListTests"))
        try await Fixture.open([resource]) { fixture in
            try await fixture.insertEvents(0..<60, event)
            let records = Query.List(order: resource.totalOrder([]), limit: 100)
            let all = try await fixture.database.rows(for: Query(resource, .list(records)), .test)
            for _ in 0..<400 {
                let chosen = (0..<Int.random(in: 0...2, using: &random)).map { _ in
                    Self.filters[Int.random(in: 0..<Self.filters.count, using: &random)]
                }
                let sort = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    (Bool.random(using: &random) ? "-" : "")
                        + Self.names[Int.random(in: 0..<Self.names.count, using: &random)]
                }
                var list = try event.list(chosen, sort, limit: Int.random(in: 1...20, using: &random))
                if Bool.random(using: &random), list.filter.clauses.count == 2 {
                    list.filter = Filter([list.filter.clauses.flatMap(\.self)])
                }
                var whole = list
                whole.limit = 100
                #expect(try await event.walk(list, fixture.database) == whole.page(of: all), "\(chosen) \(sort)")
                let count = try await fixture.database.rows(for: Query(resource, .count(list.filter)), .test)
                #expect(count == .count(whole.page(of: all).count), "\(chosen)")
                // Behind any place, which needn't be that of a record that the filter lets through.
                whole.after = all.place(ofRow: Int.random(in: 0..<60, using: &random), in: list.order)
                let behind = try await fixture.database.rows(for: Query(resource, .list(whole)), .test)
                #expect(behind == whole.page(of: all), "\(chosen) \(sort)")
            }
        }
    }

    @Test func `cells of columns that aren't wanted are absent`() async throws {
        let event = Event(resource: Event.resources[0])
        try await Fixture.open([event.resource]) { fixture in
            try await fixture.insertEvents(0..<3, event)
            var list = try event.list([], ["rank"])
            list.columns = [0, event.column("rank"), event.resource.versionIndex]
            let rows = try await fixture.database.rows(for: Query(event.resource, .list(list)), .test)
            #expect(rows.count == 3 && rows.width == event.resource.width)
            #expect(rows[0, 0].integer == 1 && rows[0, 3].isNull && rows[1, 3].integer == 1)
            #expect(rows[0, event.resource.versionIndex].integer != nil)
            #expect([1, 2, 4, 5, 6].allSatisfy { rows[0, $0].isAbsent })
        }
    }

    @Test(arguments: [["name"], ["-rank"], ["status", "-createdAt"], ["note"]])
    func `who is there throughout a walk is met once, whatever comes and goes`(_ sort: [String]) async throws {
        let event = Event(resource: Event.resources[0])
        try await Fixture.open([event.resource]) { fixture in
            try await fixture.insertEvents(0..<200, event)
            try await withThrowingTaskGroup { group in
                group.addTask {
                    var (next, oldest) = (200, Int64(201))
                    while !Task.isCancelled {
                        try await fixture.insertEvents(next..<next + 5, event)
                        next += 5
                        for _ in 0..<3 {
                            let deletion = Mutation(event.resource, .delete(.integer(oldest)))
                            _ = try await fixture.database.commit(Transaction([deletion], at: .epoch), .test)
                            oldest += 1
                        }
                    }
                }
                for _ in 0..<5 {
                    let rows = try await event.walk(try event.list([], sort, limit: 7), fixture.database) { _ in
                        await Task.yield()
                    }
                    let keys = (0..<rows.count).compactMap { rows[$0, 0].integer }
                    #expect(Set(keys).count == keys.count)
                    #expect(Set(keys).isSuperset(of: 1...200))
                }
                group.cancelAll()
            }
        }
    }
}
