import MartletKernel
import MartletModel

extension StorageContract {
    static let versions: [Clause] = [
        Clause("every change gives a version that is greater than all before it, whatever the resource") { subject in
            var seen: [Int64] = [0]
            func see(_ written: [Written], _ what: String) throws(ContractViolation) {
                for version in written.map(\.record.version) {
                    try subject.expect(version > (seen.last ?? 0), "\(what): \(version) behind \(seen)")
                    seen.append(version)
                }
            }
            try await see(subject.done(.insert(Owner("a")), .insert(Owner("b"))), "inserts")
            try await see(subject.done(.insert(Entry("text"))), "an insert into another resource")
            try await see(subject.done(.update(.string("a"), .set(\Owner.name, "new"))), "an update")
            try await see(subject.done(.upsert(Owner("c")), .upsert(Owner("b", name: "new"))), "upserts")
            try await see(
                subject.done(
                    .update(.string("a"), .set(\Owner.name, "twice")),
                    .update(.string("a"), .set(\Owner.name, "thrice"))),
                "two updates of one record")
            let records = try await subject.records(of: Owner.self)
            try subject.expect(records.versions, [seen[8], seen[6], seen[5]], "the versions in a page, of \(seen)")
            let read = try await subject.record(of: Owner.self, .string("a"))
            try subject.expect(read.version, seen[8], "the version of a record that is read")
        },
        Clause("a refused change leaves every version as it was") { subject in
            let owner = try await subject.make(Owner("a"))
            _ = try await subject.commit(
                .update(.string("a"), .set(\Owner.name, "new")), .delete(Owner.self, .string("nobody")))
            try await subject.expect(subject.record(of: Owner.self, .string("a")), owner, "the record")
        },
        Clause("a change keeps the versions of other records") { subject in
            let other = try await subject.make(Owner("b"))
            try await subject.make(Owner("a"))
            try await subject.done(.update(.string("a"), .set(\Owner.name, "new")))
            try await subject.done(.delete(Owner.self, .string("a")))
            try await subject.expect(subject.record(of: Owner.self, .string("b")), other, "the other record")
        },
        Clause("a change that changes nothing keeps the version") { subject in
            let made = try await subject.make(Owner("a"))
            let item = try await subject.make(Item(name: "n", sideNote: nil, code: "e\u{301}", rank: 0, handle: "h"))
            let same = try [
                Mutation.update(.string("a"), .set(\Owner.name, "name"), .set(\Owner.email, nil)),
                .untouched(Owner.self, .string("a"), if: .version([made.version])),
                .upsert(Owner("a")), .upsert(Owner("a"), if: .version([made.version])),
            ]
            for mutation in same {
                let written = try await subject.done(mutation)[0]
                try subject.expect(written, Written(made, isNew: false), "the record")
            }
            let key = Item.resource.key(ofRow: 0, in: item) ?? .integer(0)
            let kept = try await subject.done(
                .update(
                    key, .set(\Item.rank, 0), .set(\Item.sideNote, nil), .set(\Item.code, "e\u{301}"),
                    .set(\Item.handle, "h")))[0]
            try subject.expect(kept.record, item, "the item")
            // What looks the same to a careless eye is a change.
            let changed = try await subject.done(.update(key, .set(\Item.code, "\u{E9}"), .set(\Item.handle, "H")))[0]
            try subject.expect(changed.record.version > item.version, "the version grows with another spelling")
        },
        Clause("a value of any type that stays keeps the version, and one that changes doesn't") { subject in
            var specimen = Specimen(Extremes.uuids[0])
            var version = try await subject.make(specimen).version
            for set in Specimen.extremes {
                let before = specimen.row
                set(&specimen)
                let changed = try await subject.done(.upsert(specimen))[0].record
                // The first of each type replaces null, and no two of a type are alike.
                try subject.expect(changed.version > version, "a change from \(before) to \(changed)")
                version = changed.version
                try await subject.expect(subject.done(.upsert(specimen))[0].record, changed, "the same again")
            }
        },
        Clause("a deleted record comes back with the version that it had") { subject in
            let owner = try await subject.make(Owner("a"))
            let written = try await subject.done(.delete(Owner.self, .string("a")))[0]
            try subject.expect(written, Written(owner, isNew: false), "what was deleted")
        },
        Clause("a key that is made again has a version that it never had") { subject in
            var versions: [Int64] = []
            for _ in 0..<4 {
                versions.append(try await subject.make(Owner("a")).version)
                let update = try await subject.done(.update(.string("a"), .set(\Owner.name, "new")))
                versions.append(update[0].record.version)
                try await subject.done(.delete(Owner.self, .string("a")))
            }
            try subject.expect(Set(versions).sorted(), versions, "the versions, in their order")
        },
    ]
}
