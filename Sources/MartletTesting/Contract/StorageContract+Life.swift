import MartletKernel
import MartletModel

extension StorageContract {
    static let life: [Clause] = [
        Clause("a prepared storage is ready") { subject in
            try await subject.expect(subject.storage.health(), .ready, "its health")
        },
        Clause("a closed storage is unavailable") { subject in
            let item = try await subject.insert(Item("one"))
            await subject.storage.close()
            try await subject.expectUnavailable("a read") { try await subject.read(item.id) }
            try await subject.expectUnavailable("a page") { try await subject.page() }
            try await subject.expectUnavailable("a commit") { try await subject.commit(.insert(Item("two"))) }
        },
    ]

    static let durability: [Clause] = [
        .reopening("what was committed is there when the database is opened again") { database in
            var items: [Item] = []
            for round in 0..<3 {
                let before = items
                items = try await database.open { subject in
                    try await subject.expectItems(before, "the records after \(round) openings")
                    var kept = before
                    for text in HostileText.all {
                        let item = Item(name: text, order: .min, sideNote: text, rank: .max, handle: "\(round)\(text)")
                        kept.append(try await subject.insert(item))
                    }
                    try await subject.delete(kept.removeFirst().id)
                    kept[0].name = "updated \(round)"
                    try await subject.update(kept[0].id, .set(\.name, kept[0].name))
                    return kept
                }
            }
        },
        .reopening("a key is not used again after the database was opened again") { database in
            var used: Set<Int64> = []
            for round in 0..<3 {
                let known = used
                used = try await database.open { subject in
                    let keys = [try await subject.insert(Item("a")).id, try await subject.insert(Item("b")).id]
                    try subject.expect(known.isDisjoint(with: keys), "round \(round): \(keys) again, after \(known)")
                    for key in keys { try await subject.delete(key) }
                    return known.union(keys)
                }
            }
        },
        .reopening("a value is still taken after the database was opened again") { database in
            try await database.open { subject in
                _ = try await subject.insert(Item(name: "n", code: "c", handle: "h"))
            }
            try await database.open { subject in
                let draft = Item(name: "n", code: "c", handle: "H")
                try await subject.expectTaken(subject.commit(.insert(draft)), Item.code, Item.handle)
            }
        },
        .reopening("another resource is added to a database without touching the records of the first") { database in
            let item = try await database.open([Item.schema.resource]) { subject in
                try await subject.insert(Item("one"))
            }
            try await database.open { subject in
                try await subject.expectItems([item])
                let entries = Query(Entry.schema.resource, .page(after: nil, limit: 10))
                try await subject.expect(subject.storage.rows(for: entries).count, 0, "entries")
            }
        },
        .reopening("closing finishes what was begun: what was acknowledged is there") { database in
            let acknowledged = try await database.open { subject in
                let results = try await subject.atOnce(100) { number -> [RowBatch] in
                    if number == 50 { await subject.storage.close() }
                    do {
                        return try await subject.commit(.insert(Item("\(number)"))).records
                    } catch StorageError.unavailable {
                        return []
                    }
                }
                return results.flatMap { $0 }
            }
            try await database.open { subject in
                for record in acknowledged {
                    try await subject.expect(subject.read(record[0, 0].integer ?? 0), record, "an acknowledged record")
                }
                try await subject.expect(subject.page().count, acknowledged.count, "records")
            }
        },
    ]
}

extension Subject {
    fileprivate func expectUnavailable(_ what: String, _ call: () async throws -> some Any) async throws {
        do {
            throw violation(what, "unavailable", try await call())
        } catch let error as StorageError {
            guard case .unavailable = error else { throw violation(what, "unavailable", error) }
        }
    }
}
