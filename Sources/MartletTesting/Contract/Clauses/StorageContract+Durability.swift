import FoundationEssentials
import MartletKernel
import MartletModel

extension StorageContract {
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
            let item = try await database.open([Item.resource]) { subject in
                try await subject.insert(Item("one"))
            }
            try await database.open { subject in
                try await subject.expectItems([item])
                try await subject.expect(subject.records(of: Entry.self).count, 0, "entries")
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
        .reopening("every type is there when the database is opened again") { database in
            let specimens = Specimen.extremes.enumerated().map { number, set in
                var specimen = Specimen(UUID(number: number))
                set(&specimen)
                return specimen
            }
            let records = try await database.open { subject in
                for specimen in specimens { try await subject.make(specimen) }
                return try await subject.records(of: Specimen.self)
            }
            try await database.open { subject in
                try await subject.expect(subject.records(of: Specimen.self), records, "the records")
            }
        },
        .reopening("versions only grow, also when the database is opened again") { database in
            var last: Int64 = 0
            for _ in 0..<4 {
                let before = last
                last = try await database.open { subject in
                    let made = try await subject.make(Owner("ada")).version
                    try subject.expect(made > before, "\(made) comes after \(before)")
                    let several = try await subject.done(
                        .update(.string("ada"), .set(\Owner.name, "new")), .delete(Owner.self, .string("ada")))
                    return max(made, several[0].record.version)
                }
            }
        },
        .reopening("a version is still the record's when the database is opened again") { database in
            let version = try await database.open { try await $0.make(Owner("ada")).version }
            try await database.open { subject in
                try await subject.expectRefused(
                    subject.commit(.delete(Owner.self, .string("ada"), if: .version([version + 1]))),
                    .preconditionFailed)
                try await subject.done(.delete(Owner.self, .string("ada"), if: .version([version])))
            }
        },
        .reopening("references hold when the database is opened again") { database in
            let folder = try await database.open { subject in
                let folder = try await subject.folder("one")
                try await subject.make(Owner("ada"))
                try await subject.make(Owner("bob"))
                try await subject.make(Document(UUID(number: 1), in: folder, owner: "bob"))
                try await subject.make(Remark(1, author: "ada"))
                return folder
            }
            try await database.open { subject in
                let author = Refusal.Referrer(resource: "remarks", field: "author")
                try await subject.expectRefused(
                    subject.commit(.delete(Owner.self, .string("ada"))), .stillReferenced([author]))
                try await subject.expectRefused(
                    subject.commit(.insert(Remark(2, author: "eve"))), .referenceMissing([3]))
                try await subject.done(.delete(Owner.self, .string("bob")), at: Subject.time)
                try await subject.expectRecords([Document(UUID(number: 1), in: folder)])
                try await subject.done(.delete(Folder.self, .integer(folder)))
                try await subject.expectRecords([Document]())
            }
        },
        .reopening("an idempotency key is known when the database is opened again") { database in
            let mutations = try [Mutation.insert(Folder("one")), .insert(Owner("ada"))]
            let key = Idempotency(scope: "key", fingerprint: 1)
            let written = try await database.open { try await $0.commit(mutations, key).written }
            for _ in 0..<2 {
                try await database.open { subject in
                    try await subject.expect(
                        subject.storage.replay(of: Transaction(mutations, at: Subject.time, idempotency: key), .test),
                        .replayed(written), "what is known")
                    try await subject.expect(subject.commit(mutations, key), .replayed(written), "the same again")
                    try await subject.expect(subject.records(of: Folder.self).count, 1, "folders")
                }
            }
        },
    ]
}
