import MartletKernel
import MartletModel

extension StorageContract {
    static let concurrency: [Clause] = [
        Clause("of a hundred inserts of one value at once, one is done") { subject in
            let results = try await subject.atOnce(100) { number in
                try await subject.commit(.insert(Item(name: "\(number)", handle: number % 2 == 0 ? "ada" : "ADA")))
            }
            let refused = CommitResult.refused([Refusal(mutation: 0, .uniqueTaken([Item.handle]))])
            try subject.expect(results.count { $0 == refused }, 99, "refusals among \(Set(results.map { "\($0)" }))")
            try await subject.expect(subject.page().count, 1, "records")
        },
        Clause("a refused transaction harms no other that commits at the same time") { subject in
            try await subject.insert(Item("taken"))
            let results = try await subject.atOnce(200) { number in
                switch number % 4 {
                case 0: try await subject.commit(.insert(Item("alone \(number)")), .insert(Item("Taken")))
                case 1: try await subject.commit(.insert(Item("first \(number)")), .insert(Item("second \(number)")))
                case 2: try await subject.commit(.insert(Item("lost \(number)")), .delete(.max))
                default: try await subject.commit(.insert(Item("single \(number)")))
                }
            }
            for (number, result) in results.enumerated() {
                switch number % 4 {
                case 0: try subject.expectTaken(result, mutation: 1, Item.handle)
                case 2: try subject.expectRefused(result, mutation: 1, .notFound)
                default:
                    try subject.expect(result.records.count, number % 4 == 1 ? 2 : 1, "records of number \(number)")
                }
            }
            let acknowledged = results.flatMap(\.records).map { "\($0)" }
            let rows = try await subject.page()
            try subject.expect(rows.count, acknowledged.count + 1, "records")
            for record in results.flatMap(\.records) {
                try await subject.expect(subject.read(record[0, 0].integer ?? 0), record, "an acknowledged record")
            }
        },
        Clause("updates of different fields at the same time are all kept") { subject in
            let item = try await subject.insert(Item("one"))
            _ = try await subject.atOnce(60) { number in
                switch number % 3 {
                case 0: try await subject.update(item.id, .set(\.name, "new name"))
                case 1: try await subject.update(item.id, .set(\.order, 1))
                default: try await subject.update(item.id, .set(\.sideNote, "new note"))
                }
            }
            let expected = Item(id: item.id, name: "new name", order: 1, sideNote: "new note", handle: "one")
            try await subject.expectItems([expected])
        },
        Clause("what was committed is seen by a read that begins afterwards, wherever it runs") { subject in
            _ = try await subject.atOnce(50) { number in
                let item = try await subject.insert(Item("\(number)"))
                try await Task.detached {
                    try await subject.expect(subject.read(item.id), item.row, "the record, read by another task")
                    try await subject.update(item.id, .set(\.order, 1))
                }.value
                let row = try await Task.detached { try await subject.read(item.id) }.value
                try subject.expect(row[0, 2].integer, 1, "the updated field, read by another task")
                try await subject.delete(item.id)
                try await subject.expect(
                    subject.keys(after: item.id - 1, limit: 1).contains(item.id), false, "it is listed")
            }
            try await subject.expectItems([])
        },
        Clause("a page never shows half a transaction") { subject in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<50 {
                        let result = try await subject.commit(
                            .insert(Item("left \(number)")), .insert(Item("right \(number)")))
                        let keys = result.records.compactMap { $0[0, 0].integer }
                        guard keys.count == 2 else { throw subject.violation("the result", "two records", result) }
                        if number % 2 == 0 { _ = try await subject.commit(.delete(keys[0]), .delete(keys[1])) }
                    }
                }
                group.addTask {
                    for _ in 0..<200 {
                        let count = try await subject.page().count
                        try subject.expect(count % 2, 0, "the rest of \(count) records by two")
                    }
                }
                try await group.waitForAll()
            }
            try await subject.expect(subject.page().count, 50, "records")
        },
    ]
}

extension Subject {
    /// Runs the body that many times at once; the results are in the order of the numbers.
    func atOnce<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for number in 0..<count { group.addTask { (number, try await body(number)) } }
            var results: [(number: Int, result: Result)] = []
            for try await (number, result) in group { results.append((number, result)) }
            return results.sorted { $0.number < $1.number }.map(\.result)
        }
    }
}
