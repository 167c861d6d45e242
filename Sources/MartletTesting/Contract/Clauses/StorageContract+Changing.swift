import MartletKernel
import MartletModel

extension StorageContract {
    static let updating: [Clause] = [
        Clause("an update sets the fields that it has and keeps the others") { subject in
            var item = try await subject.insert(
                Item(name: "before", order: 7, sideNote: "note", code: "c", rank: 1, handle: "h"))
            let neighbour = try await subject.insert(Item("neighbour"))
            item.name = "after"
            try await subject.expect(subject.update(item.id, .set(\.name, "after")), item.row, "the updated record")
            item.order = .min
            item.code = "d"
            try await subject.expect(
                subject.update(item.id, .set(\.order, .min), .set(\.code, "d")), item.row, "the updated record")
            try await subject.expectItems([item, neighbour])
        },
        Clause("an update to null clears a field") { subject in
            var item = try await subject.insert(Item(name: "n", sideNote: "note", code: "c", rank: 1, handle: "h"))
            (item.sideNote, item.code, item.rank) = (nil, nil, nil)
            let updated = try await subject.update(
                item.id, .set(\.sideNote, nil), .set(\.code, nil), .set(\.rank, nil))
            try subject.expect(updated, item.row, "the updated record")
            try await subject.expectItems([item])
        },
        Clause("an update of nothing returns the record as it is") { subject in
            let item = try await subject.insert(Item(name: "n", sideNote: "note", handle: "h"))
            try await subject.expect(subject.update(item.id), item.row, "the record")
            try await subject.expectItems([item])
        },
        Clause("an update of a record that isn't there is refused") { subject in
            let item = try await subject.insert(Item("taken"))
            for key in [item.id + 1, 0, -1, .max] {
                try await subject.expectRefused(subject.commit(.update(key)), .notFound)
                try await subject.expectRefused(subject.commit(.update(key, .set(\.name, "new"))), .notFound)
                // That the value is taken doesn't matter: there is nothing that could take it.
                try await subject.expectRefused(subject.commit(.update(key, .set(\.handle, "taken"))), .notFound)
            }
            try await subject.expectItems([item])
        },
    ]

    static let deleting: [Clause] = [
        Clause("a delete returns what was there") { subject in
            let item = try await subject.insert(Item(name: "n", order: 7, sideNote: "e\u{301}", handle: "h"))
            let neighbour = try await subject.insert(Item("neighbour"))
            try await subject.expect(subject.delete(item.id), item.row, "the deleted record")
            try await subject.expect(subject.read(item.id).count, 0, "rows with the deleted key")
            try await subject.expectItems([neighbour])
        },
        Clause("a delete of a record that isn't there is refused") { subject in
            let item = try await subject.insert(Item("one"))
            try await subject.delete(item.id)
            for key in [item.id, item.id + 1, 0, -1, .max] {
                try await subject.expectRefused(subject.commit(.delete(key)), .notFound)
            }
        },
        Clause("a key is never used again") { subject in
            var used: Set<Int64> = []
            for round in 0..<5 {
                var keys: [Int64] = []
                for number in 0..<3 { keys.append(try await subject.insert(Item("\(round) \(number)")).id) }
                try subject.expect(used.isDisjoint(with: keys), "\(keys) were used before: \(used.sorted())")
                used.formUnion(keys)
                for key in keys.reversed() { try await subject.delete(key) }
            }
            try subject.expect(used.count, 15, "different keys")
        },
    ]
}
