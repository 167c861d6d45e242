import MartletKernel
import MartletModel
import MartletTesting
import PostgresStorage
import Testing

/// Lists that are walked page by page while others change what is in them.
@Suite(.enabled(if: Backend.isChosen("postgres"))) struct ListWalkTests {
    /// Titles are all the same, most parents null.
    @Test(arguments: [
        ["title"], ["-title"], ["parent"], ["-parent"], ["-parent", "title"], ["title", "-parent"], ["-place"],
    ])
    func `nothing comes twice, and all that was there throughout comes`(_ sort: [String]) async throws {
        let fixture = try await Fixture()
        let notes = try Fixture.notes()
        try await fixture.open([notes]) { database in
            try await fixture.fill(300)
            try await fixture.address.run(
                """
                UPDATE notes SET parent = id % 5 + 1 WHERE id % 3 = 0; UPDATE notes SET place = NULL WHERE id % 4 = 0
                """)
            let order = notes.totalOrder(
                sort.map { name in
                    let isDescending = name.hasPrefix("-")
                    let column = notes.fields.firstIndex { $0.name == (isDescending ? String(name.dropFirst()) : name) }
                    return SortTerm(column ?? 0, isDescending: isDescending)
                })
            var list = Query.List(order: order, limit: 7)
            var (keys, changes): ([Int64], Int64) = ([], 0)
            repeat {
                let page = try await database.rows(for: Query(notes, .list(list)), .test)
                keys += (0..<page.count).compactMap { page[$0, 0].integer }
                list.after = page.isEmpty ? nil : page.place(ofRow: page.count - 1, in: order)
                _ = try await database.insert("new \(changes)", into: notes)
                let deletion = Mutation(notes, .delete(.integer(changes * 2 + 101)))
                _ = try await database.commit(Transaction([deletion], at: .epoch), .test)
                changes += 1
            } while list.after != nil && changes < 100
            #expect(Set(keys).count == keys.count)
            // The even ones and the first hundred stay.
            let throughout = (1...300).filter { $0 <= 100 || $0 % 2 == 0 }.map(Int64.init)
            #expect(Set(keys).isSuperset(of: throughout), "\(Set(throughout).subtracting(keys))")
        }
    }
}
