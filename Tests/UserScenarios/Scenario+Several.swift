import MartletModel
import UsersModel

extension Scenario {
    /// Many clients at once, or a list that changes while it is read.
    static let several: [Scenario] = [
        Scenario("a hundred create the same address at once: one user is made, 99 are told that it is taken") { users in
            let problems = try await atOnce(100) { number -> Problem? in
                do {
                    _ = try await users.create("Ada \(number)", number % 2 == 0 ? "ada@example.org" : "ADA@EXAMPLE.ORG")
                    return nil
                } catch let problem as Problem {
                    return problem
                }
            }
            try expect(problems.count { $0 == nil }, 1, "users that were made")
            try expect(Set(problems.compactMap { $0?.code.rawValue }), ["unique_taken"], "the other answers")
            try expect(await users.all().count, 1, "users that are there")
        },
        Scenario("a list of 250 comes in pages that stay whole while users come and go") { users in
            let made = try await atOnce(250) { try await users.create("User \($0)", "u\($0)@example.org") }
                .sorted { $0.id < $1.id }
            let staying = made.enumerated().filter { $0.offset % 5 != 0 }.map(\.element)
            var leaving = made.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)[...]
            var sizes: [Int] = []
            var seen: [User] = []
            try await users.pages(100) { page in
                sizes.append(page.count)
                seen += page
                // One that was seen, one that is still to come, and a new one.
                if let user = leaving.popFirst() { try await users.delete(user.id) }
                if let user = leaving.popLast() { try await users.delete(user.id) }
                if sizes.count < 3 { _ = try await users.create("New", "new\(sizes.count)@example.org") }
            }
            try expect(Array(sizes.prefix(2)), [100, 100], "the sizes of the first pages, of \(sizes)")
            let known = Set(staying.map(\.id))
            try expect(seen.filter { known.contains($0.id) }, staying, "the users that stayed")
            try expect(zip(seen, seen.dropFirst()).allSatisfy { $0.id < $1.id }, true, "ids ascend: \(seen.map(\.id))")
            try expect(seen.suffix(2).map(\.name), ["New", "New"], "the last users")
        },
        Scenario("two that change different fields of one user at once both have their way") { users in
            let user = try await users.create("Before", "before@example.org")
            _ = try await atOnce(20) { number in
                try await users.update(
                    user.id,
                    number % 2 == 0 ? UsersAPI.Fields(name: "After") : UsersAPI.Fields(email: "after@example.org"))
            }
            let expected = User(id: user.id, name: "After", email: "after@example.org")
            try expect(await users.get(user.id), expected, "the user")
        },
    ]

    /// Runs the body that many times at once; the results are in any order.
    private static func atOnce<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Result.self) { group in
            for number in 0..<count { group.addTask { try await body(number) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
