import MartletKernel
import MartletModel

extension StorageContract {
    static let transactions: [Clause] = [
        Clause("a transaction does its mutations in order and answers with a record for each") { subject in
            var kept = try await subject.insert(Item("kept"))
            let gone = try await subject.insert(Item("gone"))
            let result = try await subject.commit(
                .insert(Item("one")), .update(kept.id, .set(\.order, 1)), .delete(gone.id), .insert(Item("two")),
                .update(kept.id, .set(\.rank, 2)))
            guard case .committed = result, case let records = result.records, records.count == 5 else {
                throw subject.violation("the result", "five records", result)
            }
            var (one, two) = (Item("one"), Item("two"))
            (one.id, two.id) = (records[0][0, 0].integer ?? 0, records[3][0, 0].integer ?? 0)
            kept.order = 1
            let keptFirst = kept.row
            kept.rank = 2
            try subject.expect(records, [one.row, keptFirst, gone.row, two.row, kept.row], "the records")
            try await subject.expectItems([kept, one, two])
        },
        Clause("a refused transaction changes nothing and names the mutation") { subject in
            let first = try await subject.insert(Item(name: "n", code: "c", handle: "first"))
            let second = try await subject.insert(Item("second"))
            let taken = try await subject.commit(
                .insert(Item("third")), .update(first.id, .set(\.name, "new")), .delete(second.id),
                .insert(Item(name: "n", code: "c", handle: "fourth")))
            try subject.expectTaken(taken, mutation: 3, Item.code)
            try await subject.expectItems([first, second])
            let missing = try await subject.commit(.delete(second.id), .update(first.id + 1000), .delete(first.id))
            try subject.expectRefused(missing, mutation: 1, .notFound)
            try await subject.expectItems([first, second])
            try await subject.insert(Item("third"))
        },
        Clause("of several mutations that can't be done, each is named") { subject in
            let item = try await subject.insert(Item("taken"))
            let result = try await subject.commit(
                .update(item.id), .delete(item.id + 1), .insert(Item("taken")), .insert(Item("free")),
                .insert(Item("FREE")))
            try subject.expectRefused(
                result, (1, .notFound), (2, .uniqueTaken([Item.handle])), (4, .uniqueTaken([Item.handle])))
            try await subject.expectItems([item])
        },
        Clause("a mutation meets what those before it did") { subject in
            let item = try await subject.insert(Item("one"))
            try await subject.expectTaken(
                subject.commit(.insert(Item("two")), .insert(Item("TWO"))), mutation: 1, Item.handle)
            try await subject.expectRefused(
                subject.commit(.delete(item.id), .update(item.id)), mutation: 1, .notFound)
            try await subject.expectItems([item])
            let result = try await subject.commit(
                .update(item.id, .set(\.handle, "moved")), .insert(Item("one")), .delete(item.id),
                .insert(Item("moved")))
            guard case .committed = result else { throw subject.violation("the result", "a commit", result) }
            try await subject.expect(subject.page().count, 2, "records")
        },
        Clause("a transaction may change several resources") { subject in
            let mutations = try [Mutation.insert(Entry("text")), .insert(Item("item"))]
            _ = try await subject.commit(mutations)
            try await subject.expect(subject.records(of: Entry.self).count, 1, "entries")
            try await subject.expect(subject.page().count, 1, "items")
            try await subject.expectTaken(subject.commit(mutations), mutation: 1, Item.handle)
            try await subject.expect(subject.records(of: Entry.self).count, 1, "entries")
        },
        Clause("a transaction of nothing commits") { subject in
            try await subject.expect(subject.commit([]), .committed([]), "the result")
        },
        Clause("a transaction may be long") { subject in
            let result = try await subject.commit((0..<1000).map { try .insert(Entry("\($0)")) })
            try subject.expect(result.records.count, 1000, "records in the answer")
            try await subject.expect(subject.records(of: Entry.self, limit: 2000).count, 1000, "entries")
        },
    ]
}
